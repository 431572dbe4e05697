/** What a contact was about, and being done with it. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import { Choice, Push, Tick, titled, Trouble, useDoing } from "../ui/controls";
import { clock, useTongue } from "../words";
import type { WorkProps } from "./Workplace";

const NOWHERE = "-";

export function WrapUp({ contact, house, onDone }: WorkProps): ReactNode {
  const { words, language } = useTongue();
  const doing = useDoing();
  const now = useNow();
  const [reason, setReason] = useState<string | null>(null);
  const [avoidable, setAvoidable] = useState(false);
  const [gap, setGap] = useState(NOWHERE);
  const [followUp, setFollowUp] = useState(false);
  const [saved, setSaved] = useState(false);
  const wrapping = contact.state === "wrapping_up";
  const reasons = house.reasons.departments.flatMap((one) =>
    one.reasons.map((each) => [each.reason, `${titled(one.title, language)}: ${titled(each.title, language)}`] as const),
  );
  const gaps = house.reasons.gaps.map((one) => [one.reason, titled(one.title, language)] as const);

  const save = async (): Promise<void> => {
    if (reason === null) return;
    const body = { reason, avoidable, follow_up: followUp, ...(gap === NOWHERE ? {} : { gap }) };
    await act("POST", `/contacts/${contact.id}/describe`, body);
    setSaved(true);
  };
  const finish = (): void => {
    void doing
      .run(async () => {
        await save();
        await act("POST", `/contacts/${contact.id}/end-wrap-up`);
      })
      .then(onDone);
  };

  return (
    <section className="card" aria-label={words.wrapUp.title}>
      <div className="row">
        <h2>{words.wrapUp.title}</h2>
        {wrapping && contact.until != null ? (
          <span className="badge number" aria-hidden="true">
            {clock(contact.until - now)} {words.wrapUp.left}
          </span>
        ) : null}
      </div>
      <Choice label={words.wrapUp.reason} options={reasons} value={reason} onChange={setReason} placeholder={words.wrapUp.choose} />
      <Tick label={words.wrapUp.avoidable} on={avoidable} onChange={setAvoidable} />
      <Choice label={words.wrapUp.gap} options={[[NOWHERE, words.wrapUp.noGap], ...gaps]} value={gap} onChange={setGap} />
      <Tick label={words.wrapUp.followUp} on={followUp} onChange={setFollowUp} />
      <div className="row">
        {wrapping ? (
          <>
            <Push look="main" shortcut="D" isDisabled={doing.busy} onPress={finish}>
              {words.wrapUp.done}
            </Push>
            <Push isDisabled={doing.busy} onPress={() => void doing.run(() => act("POST", `/contacts/${contact.id}/extend-wrap-up`)).then(onDone)}>
              {words.wrapUp.extend}
            </Push>
          </>
        ) : (
          <Push isDisabled={doing.busy || reason === null} onPress={() => void doing.run(save)}>
            {words.wrapUp.save}
          </Push>
        )}
        <span role="status">{saved ? words.wrapUp.saved : ""}</span>
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}
