/** What a contact was about, what is left to do for others, and being done with it. */

import { useEffect, useState, type ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import type { ContactView } from "../api/types";
import { useBegun } from "../guide/begun";
import { FollowUp, type Left } from "../guide/FollowUp";
import { Choice, Push, Tick, titled, Trouble, useDoing } from "../ui/controls";
import { KEYS } from "../ui/keys";
import { useTongue } from "../words";
import { Ending, TimeLeft } from "./Ending";
import type { HouseWords } from "./house";
import type { WorkProps } from "./Workplace";

const NOWHERE = "-";
const YES = "yes";
/** Seconds before the end at which a wrap-up in which something is being written goes on, as far as its queue lets it. */
const ALMOST_OVER = 4;
/** Channels in which nobody outside wants anything: they are answered, not left for others. */
const INWARD = new Set(["question"]);

export function WrapUp({ contact, house, onDone }: WorkProps): ReactNode {
  const { words, language } = useTongue();
  const doing = useDoing();
  const [begun, change] = useBegun(contact.id, "wrap-up");
  const [saved, setSaved] = useState(false);
  const reason = begun["reason"] ?? null;
  const avoidable = begun["avoidable"] === YES;
  const gap = begun["gap"] ?? NOWHERE;
  const followUp = begun["followUp"] === YES;
  const typed: Left = { queue: begun["queue"] ?? "", text: begun["text"] ?? "" };
  /** Where what was to be done for others went. */
  const gone = begun["gone"] ?? "";
  const wrapping = contact.state === "wrapping_up";
  const reasons = house.reasons.departments.flatMap((one) =>
    one.reasons.map((each) => [each.reason, `${titled(one.title, language)}: ${titled(each.title, language)}`] as const),
  );
  const gaps = house.reasons.gaps.map((one) => [one.reason, titled(one.title, language)] as const);
  const queues = queuesOf(reason, house);
  const left: Left = { ...typed, queue: queues.some(([queue]) => queue === typed.queue) ? typed.queue : queues.length === 1 ? (queues[0]?.[0] ?? "") : "" };
  const leaves = followUp && gone === "" && queues.length > 0;
  const whole = !followUp || (reason !== null && (!leaves || (left.queue !== "" && left.text.trim() !== "")));
  useGoingOn(contact, wrapping && left.text.trim() !== "" && gone === "", onDone);

  const save = async (): Promise<void> => {
    if (reason === null) return;
    const body = { reason, avoidable, follow_up: followUp, ...(gap === NOWHERE ? {} : { gap }) };
    await act("POST", `/contacts/${contact.id}/describe`, body);
    if (leaves) {
      await act("POST", `/contacts/${contact.id}/leave`, { queue: left.queue, text: left.text.trim() });
      change({ gone: house.queues.get(left.queue) ?? left.queue }); // once, whatever comes next
    }
    setSaved(true);
  };
  /** Who ticks it again leaves something more. */
  const tickFollowUp = (on: boolean): void => change({ followUp: on ? YES : "", ...(gone === "" ? {} : { gone: "", text: "" }) });

  return (
    <section className="card" aria-label={words.wrapUp.title}>
      <div className="row">
        <h2>{words.wrapUp.title}</h2>
        {wrapping ? <TimeLeft until={contact.until} /> : null}
      </div>
      <Choice
        label={words.wrapUp.reason}
        options={reasons}
        value={reason}
        onChange={(chosen) => change({ reason: chosen })}
        placeholder={words.wrapUp.choose}
      />
      <Tick label={words.wrapUp.avoidable} on={avoidable} onChange={(on) => change({ avoidable: on ? YES : "" })} />
      <Choice
        label={words.wrapUp.gap}
        options={[[NOWHERE, words.wrapUp.noGap], ...gaps]}
        value={gap}
        onChange={(chosen) => change({ gap: chosen })}
      />
      {INWARD.has(contact.channel) ? null : <Tick label={words.wrapUp.followUp} on={followUp} onChange={tickFollowUp} />}
      {followUp && reason === null ? <p className="faint">{words.guide.followUp.first}</p> : null}
      {followUp && reason !== null && gone === "" ? (
        <FollowUp contact={contact} queues={queues} left={left} onChange={({ queue, text }) => change({ queue, text })} />
      ) : null}
      <p role="status" className={gone === "" ? "unseen" : ""}>
        {gone === "" ? "" : words.guide.followUp.gone(gone)}
      </p>
      <div className="row">
        {wrapping ? (
          <Ending contact={contact.id} doing={doing} whole={whole} shortcuts first={save} onDone={onDone} />
        ) : (
          <Push shortcut={KEYS.done} isDisabled={doing.busy || reason === null || !whole} onPress={() => void doing.run(save)}>
            {words.wrapUp.save}
          </Push>
        )}
        <span role="status">{saved ? words.wrapUp.saved : ""}</span>
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}

/** What is half written is not to be lost because time is up. */
function useGoingOn(contact: ContactView, writing: boolean, onDone: () => void): void {
  const now = useNow();
  const soon = writing && contact.until != null && contact.until - now < ALMOST_OVER;
  useEffect(() => {
    if (soon) void act("POST", `/contacts/${contact.id}/extend-wrap-up`).then(onDone, () => undefined);
  }, [soon, contact.id, contact.until]);
}

/** The queues of the department that a reason is of, with their names: where what is left for it can wait. */
function queuesOf(reason: string | null, house: HouseWords): readonly (readonly [string, string])[] {
  const department = house.reasons.departments.find((one) => one.reasons.some((each) => each.reason === reason));
  return (department?.queues ?? []).map((queue) => [queue, house.queues.get(queue) ?? queue] as const);
}
