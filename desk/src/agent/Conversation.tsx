/** What citizen and agent write to each other: mail, chat, messages of gateways, text beside or instead of a voice. */

import { useEffect, useRef, useState, type ReactNode } from "react";

import { attach } from "../api/attach";
import { act, get } from "../api/client";
import { useKept, type Keeping } from "../api/kept";
import { useLevel } from "../api/level";
import type { ContactView, DraftView, Messages, MessageView, Texts } from "../api/types";
import { Earlier } from "../guide/Earlier";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { FileButton } from "../ui/FileButton";
import { useTongue } from "../words";
import { LiveText } from "./LiveText";

/** The answer that is being written. */
const DRAFT: Keeping<string, DraftView> = { nothing: "", from: (view) => view.text ?? "", to: (text) => ({ text }) };

export function Conversation({ contact }: { readonly contact: ContactView }): ReactNode {
  const { words } = useTongue();
  const conversation = useLevel<Messages>(() => ({
    look: () => get<Messages>(`/contacts/${contact.id}/messages`),
    concerns: (happening) => happening.contact === contact.id,
    paceMs: 100,
  }));
  const end = useRef<HTMLDivElement>(null);
  const messages = conversation.seen?.messages ?? [];
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" }); // what it returns is no clean-up
  }, [messages.length]);
  const open = contact.state === "connected" && contact.connecting !== true;

  return (
    <section className="card" aria-label={words.conversation.title}>
      <h2>{words.conversation.title}</h2>
      <div className="messages" role="log" aria-live="polite" tabIndex={0} aria-label={words.conversation.title}>
        <Earlier contact={contact.id} follows={conversation.seen?.follows ?? ""}>
          {(before) => before.messages.map((one) => <Message key={one.message} contact={contact.id} of={before.contact} message={one} />)}
        </Earlier>
        {messages.length === 0 && conversation.seen !== undefined ? <p className="faint">{words.conversation.empty}</p> : null}
        {messages.map((one) => (
          <Message key={one.message} contact={contact.id} message={one} />
        ))}
        <div ref={end} />
      </div>
      <Trouble text={conversation.refused?.message ?? ""} />
      {contact.text === true ? (
        <LiveText contact={contact.id} writable={open} />
      ) : open ? (
        <Answer contact={contact} onSent={conversation.look} />
      ) : null}
    </section>
  );
}

interface MessageProps {
  readonly contact: string;
  /** The earlier contact in which it was written. */
  readonly of?: string;
  readonly message: MessageView;
}

function Message({ contact, of = "", message }: MessageProps): ReactNode {
  const { words, locale } = useTongue();
  const who = { citizen: words.conversation.citizen, agent: words.conversation.me, house: words.conversation.house }[message.author];
  const when = message.at == null ? "" : new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short" }).format(message.at * 1000);
  const [original, setOriginal] = useState(false);
  const files = message.attachments ?? [];
  const query = of === "" ? "" : `?of=${encodeURIComponent(of)}`;
  return (
    <article className={`message ${message.author}`}>
      <p className="who">
        {message.name || who}
        {when === "" ? null : <span className="number"> · {when}</span>}
        {message.outbox ? ` · ${message.outbox === "waiting" ? words.conversation.sent : words.conversation.failed}` : null}
      </p>
      {message.subject ? (
        <p dir="auto">
          <strong>{message.subject}</strong>
        </p>
      ) : null}
      {original ? (
        <iframe className="original" sandbox="" srcDoc={message.html ?? ""} title={words.conversation.original} referrerPolicy="no-referrer" />
      ) : (
        <p dir="auto">{message.text || (message.author === "house" ? words.conversation.automatic : "")}</p>
      )}
      {message.html ? (
        <Push look="quiet" aria-pressed={original} onPress={() => setOriginal(!original)}>
          {words.conversation.original}
        </Push>
      ) : null}
      {(message.blocked ?? 0) > 0 ? <p className="faint">{words.conversation.blocked}</p> : null}
      {files.length === 0 ? null : (
        <ul aria-label={words.conversation.files}>
          {files.map((file) => (
            <li key={file.file}>
              <a href={`/api/v1/contacts/${contact}/messages/${message.message}/attachments/${file.file}${query}`} download={file.name}>
                {file.name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

function Answer({ contact, onSent }: { readonly contact: ContactView; readonly onSent: () => void }): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const [text, setText] = useKept(`/contacts/${contact.id}/draft`, DRAFT);
  const [texts, setTexts] = useState<Texts>();
  const [files, setFiles] = useState<readonly (readonly [string, string])[]>([]);

  useEffect(() => {
    void get<Texts>(`/contacts/${contact.id}/texts`).then(setTexts, () => undefined);
  }, [contact.id]);

  const send = (): void => {
    if (text.trim() === "" && files.length === 0) return;
    void doing
      .run(() => act("POST", `/contacts/${contact.id}/messages`, { text, attachments: files.map(([id]) => id) }))
      .then((done) => {
        if (!done) return;
        setText("");
        setFiles([]);
        onSent();
      });
  };
  const give = (chosen: readonly File[]): void => {
    void doing.run(async () => {
      for (const file of chosen) {
        const given = await attach(contact.id, file);
        setFiles((before) => [...before, given]);
      }
    });
  };
  const ready = Object.entries(texts?.texts ?? {});

  return (
    <div className="column">
      {ready.length === 0 ? null : (
        <Choice
          label={words.conversation.template}
          options={ready.map(([name]) => [name, name] as const)}
          value={null}
          placeholder={words.wrapUp.choose}
          onChange={(name) => setText(text + (texts?.texts[name] ?? ""))}
        />
      )}
      <Field
        label={words.conversation.write}
        value={text}
        onChange={setText}
        lines={contact.channel === "mail" ? 8 : 3}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      />
      {files.length === 0 ? null : <p className="faint">{files.map(([, name]) => name).join(", ")}</p>}
      <div className="row">
        <Push look="main" isDisabled={doing.busy} onPress={send}>
          {words.conversation.send}
        </Push>
        <FileButton onChoose={give}>{words.conversation.attach}</FileButton>
      </div>
      <Trouble text={doing.trouble} />
    </div>
  );
}
