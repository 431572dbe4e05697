/** The desk of a guide, specialist or operator: what is offered, what is in hand, and whom it is for. */

import { useEffect, useState, type ReactNode } from "react";

import { useLevel } from "../api/level";
import type { SignedIn } from "../api/session";
import type { ContactView } from "../api/types";
import { PhoneCard } from "../phone/PhoneCard";
import { usePhone, usePhones } from "../phone/usePhone";
import { Mishap } from "../ui/Mishap";
import { useWords } from "../words";
import { Console } from "../console/Console";
import { Unkept, type Values } from "../guide/begun";
import { ColleagueNote } from "../guide/ColleagueNote";
import { Links } from "../guide/Links";
import { OwnDay } from "../guide/OwnDay";
import { Shortcuts } from "../guide/Shortcuts";
import { CitizenCard } from "./CitizenCard";
import { ContactList } from "./ContactList";
import { deskOf, houseWords, type HouseWords } from "./house";
import { NoticeList } from "./NoticeList";
import { OfferCard } from "./OfferCard";
import { Outbound } from "./Outbound";
import { PassedOn } from "./PassedOn";
import { StatusBar } from "./StatusBar";
import { Visitors } from "./Visitors";
import { Workplace } from "./Workplace";

export function Desk({ session }: { readonly session: SignedIn }): ReactNode {
  const words = useWords();
  const desk = useLevel(() => deskOf(session.agent));
  const house = useHouseWords();
  const [chosen, choose] = useState("");
  const phones = usePhones();
  const phone = usePhone(desk.seen, phones);
  const [unkept] = useState(() => new Map<string, Values>());

  if (desk.seen === undefined || house === undefined) {
    return <p className="banner">{desk.refused?.message ?? words.house.loading}</p>;
  }
  const { agent, contacts, notices, today } = desk.seen;
  const inHand = contacts.filter((one) => one.id !== agent.offer?.contact);
  const offered = contacts.find((one) => one.id === agent.offer?.contact);
  const shown = inHand.find((one) => one.id === chosen) ?? busiest(inHand);

  const concerned = shown ?? offered;

  return (
    <Unkept value={unkept}>
      {desk.live ? null : (
        <p className="banner" role="status">
          {words.house.lost}
        </p>
      )}
      <div className="desk">
        <div className="column">
          <NoticeList agent={agent.id} notices={notices} onDone={desk.look} />
          <StatusBar agent={agent} house={house} phones={phones} onDone={desk.look} />
          {agent.offer ? (
            <OfferCard key={agent.offer.offer} offer={agent.offer} contact={offered} house={house} phone={phone} onDone={desk.look} />
          ) : null}
          <PhoneCard phone={phone} offered={agent.offer?.offer} inHand={inHand.some((one) => one.offer === phone.view.call?.leg)} />
          <Visitors agent={agent} onDone={desk.look} />
          {session.duty === "operator" || agent.state === "logged_out" ? null : <Outbound agent={agent} onDone={desk.look} />}
          {agent.state === "logged_out" ? null : <ColleagueNote />}
          <PassedOn agent={agent} contacts={contacts} onDone={desk.look} />
          <ContactList contacts={inHand} shown={shown?.id} house={house} onChoose={choose} />
          {today === null ? null : <OwnDay agent={agent} today={today} />}
        </div>
        <div className="column">
          {session.duty === "operator" ? <Console agent={agent} contact={shown} onDone={desk.look} /> : null}
          {shown === undefined ? (
            <section className="card">
              <p>{words.work.none}</p>
              <p className="faint">{agent.state === "ready" || agent.state === "reserved" ? words.work.noneReady : words.work.nonePaused}</p>
            </section>
          ) : (
            <Mishap key={shown.id} words={words.house}>
              <Workplace contact={shown} agent={agent} house={house} onDone={desk.look} />
            </Mishap>
          )}
        </div>
        <div className="column">
          {concerned === undefined ? null : (
            <>
              <CitizenCard key={concerned.id} contact={concerned} house={house} />
              <Links queue={concerned.queue ?? ""} house={house} />
            </>
          )}
        </div>
      </div>
      <div className="foot">
        <Shortcuts />
      </div>
    </Unkept>
  );
}

/** What somebody most likely wants to see: who is talked with, else what was begun last. */
function busiest(contacts: readonly ContactView[]): ContactView | undefined {
  const talking = contacts.find((one) => one.state === "connected" && one.aside !== true);
  return talking ?? contacts.at(-1);
}

function useHouseWords(): HouseWords | undefined {
  const [house, setHouse] = useState<HouseWords>();
  useEffect(() => {
    void houseWords().then(setHouse, () => undefined);
  }, []);
  return house;
}
