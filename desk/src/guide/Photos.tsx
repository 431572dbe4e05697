/** Photos that a guide adds to a form: files at hand, or what came with the messages of the contact. */

import { useId, useRef, useState, type ReactNode } from "react";
import { Label } from "react-aria-components";

import { attach } from "../api/attach";
import { get } from "../api/client";
import type { ContactView, FieldView, Messages } from "../api/types";
import { Push, titled, Trouble, useDoing } from "../ui/controls";
import { FileButton } from "../ui/FileButton";
import { useTongue } from "../words";

/** What the engine calls a file, and what people do. */
type Chosen = readonly [string, string];

const MEDIA: readonly string[] = ["image/jpeg", "image/png", "image/webp"];
/** Channels whose messages may bring files. */
const BRINGING = new Set(["mail", "chat", "form"]);
/** Neither stands in the name of a file. */
const BETWEEN = "|";
const CALLED = ":";

/** What a photo field's value says: one line of text, kept with the others until the form is sent. */
function chosenIn(value: string): readonly Chosen[] {
  const parts = value === "" ? [] : value.split(BETWEEN);
  return parts.map((one) => [one.slice(0, one.indexOf(CALLED)), one.slice(one.indexOf(CALLED) + 1)]);
}

/** The files of a photo field's value, as the engine calls them. */
export function filesIn(value: string | undefined): readonly string[] {
  return chosenIn(value ?? "").map(([file]) => file);
}

interface PhotosProps {
  readonly contact: ContactView;
  readonly field: FieldView;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
}

export function Photos({ contact, field, value, onChange, error }: PhotosProps): ReactNode {
  const { words, language } = useTongue();
  const doing = useDoing();
  const [label, hint] = [useId(), useId()];
  const group = useRef<HTMLDivElement>(null);
  const [tooMany, setTooMany] = useState(false);
  const latest = useRef(value); // several files may be on their way at once
  latest.current = value;
  const change = (chosen: readonly Chosen[]): void => {
    latest.current = chosen.map((one) => one.join(CALLED)).join(BETWEEN);
    onChange(latest.current);
  };
  const add = (one: Chosen): void => {
    const before = chosenIn(latest.current);
    if (before.length < field.most) change([...before, one]);
    else setTooMany(true);
  };
  const give = (files: readonly File[]): void => {
    const room = field.most - chosenIn(latest.current).length;
    setTooMany(files.length > room);
    void doing.run(async () => {
      for (const file of files.slice(0, room)) add(await attach(contact.id, file));
    });
  };
  const takeAway = (file: string): void => {
    setTooMany(false);
    change(chosenIn(latest.current).filter(([other]) => other !== file));
    group.current?.querySelector("input")?.focus();
  };
  const chosen = chosenIn(value);
  const own = titled(field.hint, language);
  return (
    <div ref={group} role="group" aria-labelledby={label} className="column">
      <div className="field">
        <Label id={label} elementType="span">
          {titled(field.label, language)} ({words.guide.form.optional})
        </Label>
      </div>
      <ul aria-live="polite" aria-labelledby={label} className={chosen.length === 0 ? "unseen" : "listed"}>
        {chosen.map(([file, name]) => (
          <li key={file} className="row">
            <span dir="auto">{name}</span>
            <Push look="quiet" aria-label={words.photos.takeAway(name)} onPress={() => takeAway(file)}>
              {words.photos.away}
            </Push>
          </li>
        ))}
      </ul>
      <div className="row">
        <FileButton accept={MEDIA.join(",")} several describedBy={hint} onChoose={give}>
          {words.photos.add}
        </FileButton>
        {BRINGING.has(contact.channel) ? <Brought contact={contact.id} chosen={chosen} onChoose={add} /> : null}
      </div>
      <Trouble text={doing.trouble || (tooMany ? words.guide.form.causes["too_many_files"] : error) || ""} />
      <p id={hint} className="faint">
        {[own, words.photos.hint(field.most)].filter((one) => one !== "").join(" ")}
      </p>
    </div>
  );
}

interface BroughtProps {
  readonly contact: string;
  readonly chosen: readonly Chosen[];
  readonly onChoose: (one: Chosen) => void;
}

/** Pictures that came with messages. Each look is in the access log: nothing is fetched before somebody asks for it. */
function Brought({ contact, chosen, onChoose }: BroughtProps): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const [found, setFound] = useState<readonly Chosen[]>();
  const look = (): void => {
    void doing.run(async () => setFound(picturesOf(await get<Messages>(`/contacts/${contact}/messages`))));
  };
  const others = (found ?? []).filter(([file]) => chosen.every(([other]) => other !== file));
  return (
    <>
      <Push isDisabled={doing.busy} onPress={look}>
        {words.photos.fromMessages}
      </Push>
      <span role="status" className={found?.length === 0 ? "faint" : "unseen"}>
        {found === undefined ? "" : words.photos.found(found.length)}
      </span>
      {others.map(([file, name]) => (
        <Push key={file} look="quiet" aria-label={words.photos.take(name)} onPress={() => onChoose([file, name])}>
          + <bdi>{name}</bdi>
        </Push>
      ))}
      <Trouble text={doing.trouble} />
    </>
  );
}

function picturesOf(conversation: Messages): readonly Chosen[] {
  return conversation.messages.flatMap((message) =>
    (message.attachments ?? [])
      .filter((one) => one.kept !== false && MEDIA.includes(one.media))
      .map((one): Chosen => [`${message.message}/${one.file}`, one.name.replaceAll(BETWEEN, "_")]),
  );
}
