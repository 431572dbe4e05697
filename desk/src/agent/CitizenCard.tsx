/** Whom a contact is with: who it is, what one needs, and what there has been before. Each look is in the access log. */

import { useEffect, useReducer, useState, type ReactNode } from "react";

import { get } from "../api/client";
import type { Citizen, ContactView, Needs, Story } from "../api/types";
import { titled, Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";
import { ContactFacts } from "./ContactFacts";
import { Belonging } from "../guide/Belonging";
import { Chapters } from "../guide/Chapters";
import type { HouseWords } from "./house";
import { Interpreter, NeedsNote } from "./NeedsNote";

interface Known {
  readonly citizen: Citizen;
  readonly story: Story;
  readonly needs: Needs;
}

export function CitizenCard({ contact, house }: { readonly contact: ContactView; readonly house: HouseWords }): ReactNode {
  const { words } = useTongue();
  const { run, trouble } = useDoing();
  const [known, setKnown] = useState<Known>();
  const [looks, look] = useReducer((times: number) => times + 1, 0);
  const inHand = contact.state === "connected" || contact.state === "wrapping_up";

  useEffect(() => {
    void run(async () => {
      const [citizen, story, needs] = await Promise.all([
        get<Citizen>(`/contacts/${contact.id}/citizen`),
        get<Story>(`/contacts/${contact.id}/story`),
        get<Needs>("/needs"),
      ]);
      setKnown({ citizen, story, needs });
    });
    // Once for a contact, and after a change: what is personal is not looked at more often than somebody does.
  }, [contact.id, looks]);

  return (
    <section className="card" aria-label={words.story.title}>
      <h2>{words.story.title}</h2>
      {known === undefined ? null : <Person known={known} />}
      <ContactFacts contact={contact} house={house} />
      {known !== undefined && inHand ? (
        <>
          <NeedsNote key={`needs ${looks}`} contact={contact} person={known.story.person} needs={known.needs} onDone={look} />
          <Belonging key={`belonging ${looks}`} contact={contact} person={known.story.person} onDone={look} />
        </>
      ) : null}
      {contact.state === "connected" && contact.channel === "call" ? <Interpreter contact={contact} /> : null}
      <Trouble text={trouble} />
      {known === undefined ? null : <Chapters story={known.story} contact={contact.id} house={house} />}
    </section>
  );
}

function Person({ known: { citizen, story, needs } }: { readonly known: Known }): ReactNode {
  const { words, language } = useTongue();
  const named = (need: string): string => titled(needs.needs.find((one) => one.need === need)?.title ?? {}, language) || need;
  const rows: (readonly [string, string])[] = [
    [words.story.name, citizen.name ?? ""],
    [words.story.number, citizen.number ?? ""],
    [words.story.address, citizen.address ?? ""],
    [words.story.needs, (story.person.needs ?? []).map(named).join(", ")],
    [words.story.reference, story.reference],
  ];
  const shown = rows.filter(([, value]) => value !== "");
  return (
    <>
      {story.person.protected === true ? <p className="badge warn">{words.story.protected}</p> : null}
      <dl className="facts">
        {shown.map(([label, value]) => (
          <div key={label} className="pair">
            <dt>{label}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
      {shown.length === 0 ? <p className="faint">{words.story.unknown}</p> : null}
    </>
  );
}
