/** Where an agent works on one contact. What is there follows from what the contact is. */

import type { ReactNode } from "react";

import type { AgentView, ContactView } from "../api/types";
import { useWords } from "../words";
import { stateOf } from "./ContactList";
import { Controls } from "./Controls";
import { BegunAt } from "../guide/begun";
import { FilledForm } from "../guide/FilledForm";
import { FormPanel } from "../guide/FormPanel";
import { Conversation } from "./Conversation";
import type { HouseWords } from "./house";
import { Remarks } from "./Remarks";
import { WrapUp } from "./WrapUp";

/** Channels in which citizen and agent write. */
const WRITTEN = new Set(["mail", "chat", "post", "text"]);

export interface WorkProps {
  readonly contact: ContactView;
  readonly agent: AgentView;
  readonly house: HouseWords;
  readonly onDone: () => void;
}

export function Workplace(props: WorkProps): ReactNode {
  const { contact } = props;
  const words = useWords();
  const written = WRITTEN.has(contact.channel) || contact.text === true;
  return (
    <>
      <section className="card" aria-label={words.channel[contact.channel] ?? contact.channel}>
        <div className="row">
          <h2>{words.channel[contact.channel] ?? contact.channel}</h2>
          <span className="badge">{stateOf(contact, words) || props.house.queues.get(contact.queue ?? "")}</span>
          {contact.recording ? <span className="badge warn">{words.work.recording[contact.recording]}</span> : null}
          {contact.secret === true ? <span className="badge warn">{words.story.secret}</span> : null}
          {contact.listener == null ? null : <span className="badge warn">{words.lead.shown[contact.listener.mode]}</span>}
          {contact.help_since == null ? null : <span className="badge warn">{words.work.helpWanted}</span>}
        </div>
        {contact.returned ? (
          <p className="banner">
            {words.returned.title}: {contact.returned.queue || contact.returned.destination?.phone || ""} {words.returned.causes[contact.returned.cause]}
          </p>
        ) : null}
        <Controls {...props} />
      </section>
      {contact.channel === "form" ? <FilledForm contact={contact} /> : null}
      {written ? <Conversation contact={contact} /> : null}
      <BegunAt contact={contact.id}>
        <FormPanel contact={contact} house={props.house} />
        <WrapUp {...props} />
        <Remarks contact={contact} />
      </BegunAt>
    </>
  );
}
