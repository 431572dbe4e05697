/** The switchboard operator's console: somebody is found and connected in two keystrokes, announced or not. */

import type { ReactNode } from "react";

import { act, get } from "../api/client";
import { useNow } from "../api/clock";
import { useLevel } from "../api/level";
import type { AgentView, Contacts, ContactView } from "../api/types";
import { Push, Trouble, useDoing } from "../ui/controls";
import { clock, useWords } from "../words";
import { People, type Person } from "./People";

interface ConsoleProps {
  readonly agent: AgentView;
  /** The call that is in hand, if there is one. */
  readonly contact: ContactView | undefined;
  readonly onDone: () => void;
}

export function Console({ agent, contact, onDone }: ConsoleProps): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const talking = contact?.state === "connected" && contact.connecting !== true;

  const choose = (person: Person, ask: boolean): void => {
    const to = { person: person.id };
    void doing
      .run(() => {
        if (contact === undefined || !talking) return act("POST", `/agents/${agent.id}/call`, { to });
        if (ask) return act("POST", `/contacts/${contact.id}/consult`, { to });
        return act("POST", `/contacts/${contact.id}/forward`, { to, camp: person.busy === true });
      })
      .then(onDone);
  };

  return (
    <div className="column">
      <People onChoose={choose} hint={talking ? words.people.hintTalking : words.people.hintIdle} autoFocus />
      <Trouble text={doing.trouble} />
      <Parked agent={agent} onDone={onDone} />
    </div>
  );
}

/** Who is parked, and where: any agent may fetch them. */
function Parked({ agent, onDone }: { readonly agent: AgentView; readonly onDone: () => void }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const now = useNow();
  const parked = useLevel<Contacts>(() => ({
    look: () => get<Contacts>("/contacts?state=parked"),
    concerns: (happening) => happening.type.startsWith("contact."),
    paceMs: 300,
  }));
  const contacts = parked.seen?.contacts ?? [];
  if (contacts.length === 0) return null;
  const fetchOne = (slot: string): void => {
    void doing.run(() => act("POST", `/slots/${slot}/retrieve`, { agent: agent.id })).then(onDone);
  };
  return (
    <section className="card" aria-label={words.people.parked}>
      <h2>{words.people.parked}</h2>
      <ul className="listed">
        {contacts.map((one) => (
          <li key={one.id} className="row">
            <Push onPress={() => fetchOne(one.slot ?? "")}>
              {words.people.fetch} {one.slot}
            </Push>
            <span className="faint">{one.agent}</span>
            <span className="number">{one.until == null ? "" : clock(one.until - now)}</span>
          </li>
        ))}
      </ul>
      <Trouble text={doing.trouble} />
    </section>
  );
}
