/** The contacts in an agent's hands, to choose from. */

import type { ReactNode } from "react";

import { useNow } from "../api/clock";
import type { ContactView } from "../api/types";
import { Push } from "../ui/controls";
import { clock, useWords, type Words } from "../words";
import type { HouseWords } from "./house";

interface ListProps {
  readonly contacts: readonly ContactView[];
  readonly shown: string | undefined;
  readonly house: HouseWords;
  readonly onChoose: (contact: string) => void;
}

export function ContactList({ contacts, shown, house, onChoose }: ListProps): ReactNode {
  const words = useWords();
  const now = useNow();
  if (contacts.length === 0) return null;
  return (
    <nav className="card" aria-label={words.work.title}>
      <h2>{words.work.title}</h2>
      <ul className="contacts">
        {contacts.map((one) => (
          <li key={one.id}>
            <Push aria-current={one.id === shown} onPress={() => onChoose(one.id)}>
              <strong>{words.channel[one.channel] ?? one.channel}</strong>
              <span className="number">{one.since == null ? "" : clock(now - one.since)}</span>
              <span className="faint">{house.queues.get(one.queue ?? "") ?? ""}</span>
              <span className="faint">{stateOf(one, words)}</span>
            </Push>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** How a contact stands, in a word. */
export function stateOf(contact: ContactView, words: Words): string {
  if (contact.state === "wrapping_up") return words.work.wrappingUp;
  if (contact.connecting === true) return words.work.connecting;
  if (contact.aside === true) return words.work.aside;
  if (contact.held === true) return words.work.held;
  return contact.state === "connected" && (contact.channel === "call" || contact.channel === "callback") ? words.work.talking : "";
}
