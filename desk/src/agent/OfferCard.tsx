/** A contact that the agent is asked to take. */

import { useEffect, type ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import type { ContactView, OfferView } from "../api/types";
import type { Phone } from "../phone/usePhone";
import { Push, Trouble, useDoing } from "../ui/controls";
import { clock, useTongue } from "../words";
import { notify, ring, useTitleNotice } from "./alert";
import { ContactFacts } from "./ContactFacts";
import type { HouseWords } from "./house";

/** Channels that are taken by picking up a telephone. */
const BY_PHONE = new Set(["call", "callback"]);

interface OfferProps {
  readonly offer: OfferView;
  readonly contact: ContactView | undefined;
  readonly house: HouseWords;
  readonly phone: Phone;
  readonly onDone: () => void;
}

export function OfferCard({ offer, contact, house, phone, onDone }: OfferProps): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const now = useNow();
  const queue = house.queues.get(offer.queue) ?? offer.queue;
  const channel = words.channel[offer.channel] ?? offer.channel;

  useEffect(() => {
    ring();
    notify(words.offer.sound, `${channel} · ${queue}`);
  }, [words.offer.sound, channel, queue]);
  useTitleNotice(channel);

  const answer = (verb: "accept" | "decline"): void => {
    void doing.run(() => act("POST", `/offers/${offer.offer}/${verb}`)).then(onDone);
  };
  const byPhone = BY_PHONE.has(offer.channel);
  const { line, view } = phone;
  const pickUp = phone.outside ? words.numberOutside.pickUp : words.offer.pickUp;
  const rings = view.call?.leg === offer.offer && view.call.stage === "ringing";

  return (
    <section className="card offer" role="alert" aria-label={words.offer.title}>
      <h2>
        {words.offer.title}: {channel}
      </h2>
      {contact === undefined ? null : <ContactFacts contact={contact} house={house} />}
      {offer.rule == null ? null : <p>{words.whyMe[offer.rule]}</p>}
      <p className="faint number" aria-hidden="true">
        {clock(offer.deadline - now)} {words.offer.left}
      </p>
      {offer.calling === true ? <p>{words.offer.calling}</p> : byPhone && line === null ? <p>{pickUp}</p> : null}
      <div className="row">
        {byPhone && line === null ? null : (
          <Push
            look="main"
            autoFocus
            shortcut="T"
            onPress={() => (byPhone ? void line?.answer() : answer("accept"))}
            isDisabled={doing.busy || (byPhone && !rings)}
          >
            {words.offer.accept}
          </Push>
        )}
        <Push shortcut="L" onPress={() => answer("decline")} isDisabled={doing.busy}>
          {words.offer.decline}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}
