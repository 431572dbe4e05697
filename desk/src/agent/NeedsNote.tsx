/** What the citizen needs and speaks: noted for this contact, kept for the next if the citizen agrees; and an interpreter. */

import { useEffect, useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import type { ContactView, Interpreters, Needs, PeoplePersonView } from "../api/types";
import { Choice, Push, Tick, titled, Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";

interface NeedsProps {
  readonly contact: ContactView;
  readonly person: PeoplePersonView;
  readonly needs: Needs;
  readonly onDone: () => void;
}

export function NeedsNote({ contact, person, needs, onDone }: NeedsProps): ReactNode {
  const { words, language: own } = useTongue();
  const doing = useDoing();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(person.needs ?? []));
  const [language, setLanguage] = useState<string | null>(person.language || null);
  const [keep, setKeep] = useState(person.kept_until != null);
  const languages = Object.entries(needs.languages).map(([code, titles]) => [code, titled(titles, own)] as const);

  const toggle = (need: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(need);
    else next.delete(need);
    setChosen(next);
  };
  const save = (): void => {
    const body = { needs: [...chosen], keep, ...(language === null ? {} : { language }) };
    void doing.run(() => act("POST", `/contacts/${contact.id}/needs`, body)).then((done) => {
      if (!done) return;
      setOpen(false);
      onDone();
    });
  };

  return (
    <>
      <Push look="quiet" aria-expanded={open} onPress={() => setOpen(!open)}>
        {words.needs.note}
      </Push>
      {open ? (
        <div className="column">
          {needs.needs.map((one) => (
            <Tick key={one.need} label={titled(one.title, own) || one.meaning} on={chosen.has(one.need)} onChange={(on) => toggle(one.need, on)} />
          ))}
          <Choice label={words.story.language} options={languages} value={language} onChange={setLanguage} placeholder={words.wrapUp.choose} />
          <Tick label={words.needs.keep} on={keep} onChange={setKeep} />
          <Push look="main" isDisabled={doing.busy} onPress={save}>
            {words.needs.save}
          </Push>
          <Trouble text={doing.trouble} />
        </div>
      ) : null}
    </>
  );
}

/** One press, and somebody who interprets joins the talk. */
export function Interpreter({ contact }: { readonly contact: ContactView }): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const [known, setKnown] = useState<Interpreters>();
  useEffect(() => {
    void get<Interpreters>("/interpreters").then(setKnown, () => undefined);
  }, []);
  const languages = (known?.languages ?? []).filter((one) => one.duty.some((each) => each.on_duty));
  const here = (contact.parties ?? []).find((one) => one.interprets);
  if (here !== undefined) return <p className="badge good">{words.needs.interpreted}</p>;
  if (languages.length === 0) return null;
  return (
    <>
      <Choice
        label={words.needs.interpreter}
        options={languages.map((one) => [one.language, one.title] as const)}
        value={null}
        placeholder={words.wrapUp.choose}
        disabled={doing.busy}
        onChange={(language) => void doing.run(() => act("POST", `/contacts/${contact.id}/interpreter`, { language }))}
      />
      <Trouble text={doing.trouble} />
    </>
  );
}
