/** What is known of a contact without anything personal: queue, language, needs, how long it waited, the menu's words. */

import type { ReactNode } from "react";

import { useNow } from "../api/clock";
import type { ContactView } from "../api/types";
import { isOwn, named } from "../ui/named";
import { clock, useTongue } from "../words";
import type { HouseWords } from "./house";

export function ContactFacts({ contact, house }: { readonly contact: ContactView; readonly house: HouseWords }): ReactNode {
  const { words, locale } = useTongue();
  const now = useNow();
  const languages = new Intl.DisplayNames([locale], { type: "language" });
  const waited = contact.waited ?? (contact.state === "offered" ? now - contact.arrived : null);
  const asked = (contact.needs ?? []).map((need) => need.skill).filter(isOwn);
  const needs = named(asked, house.skills);
  const notes = Object.values(contact.notes ?? {});

  return (
    <dl className="facts">
      <dt>{words.story.why}</dt>
      <dd>{house.queues.get(contact.queue ?? "") ?? contact.queue ?? ""}</dd>
      {waited == null ? null : (
        <>
          <dt>{words.offer.waited}</dt>
          <dd className="number">{clock(waited)}</dd>
        </>
      )}
      {contact.language ? (
        <>
          <dt>{words.story.language}</dt>
          <dd>{languages.of(contact.language)}</dd>
        </>
      ) : null}
      {needs === "" ? null : (
        <>
          <dt>{words.story.needs}</dt>
          <dd>{needs}</dd>
        </>
      )}
      {notes.length === 0 ? null : (
        <>
          <dt>{words.story.notes}</dt>
          <dd>{notes.join(" · ")}</dd>
        </>
      )}
      {contact.visit ? (
        <>
          <dt>{words.work.ticket}</dt>
          <dd>
            <strong>{contact.visit.ticket}</strong> {contact.visit.place}
          </dd>
        </>
      ) : null}
    </dl>
  );
}
