/** What can be done with a contact just now: only what the engine would do. */

import { useEffect, useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import type { Choices, ContactView } from "../api/types";
import { People } from "../console/People";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";
import type { WorkProps } from "./Workplace";

type Order = (verb: string, body?: unknown) => void;

/** Channels with a voice. */
const SPOKEN = new Set(["call", "callback"]);

export function Controls({ contact, onDone }: WorkProps): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [sending, setSending] = useState<"" | "queue" | "number">("");
  const order: Order = (verb, body = {}) => {
    setSending("");
    void doing.run(() => act("POST", `/contacts/${contact.id}/${verb}`, body)).then(onDone);
  };
  const wrapping = contact.state === "wrapping_up";
  const spoken = SPOKEN.has(contact.channel);
  const talking = contact.state === "connected" && contact.connecting !== true;

  if (wrapping) return null;
  return (
    <>
      <div className="row" role="toolbar" aria-label={words.channel[contact.channel] ?? contact.channel}>
        {spoken && talking ? <Talk contact={contact} order={order} busy={doing.busy} /> : null}
        {contact.visit && talking ? (
          <>
            <Push onPress={() => order("call-again")}>{words.work.callAgain}</Push>
            <Push onPress={() => order("no-show")}>{words.work.noShow}</Push>
          </>
        ) : null}
        {contact.channel === "callback" && talking ? <Push onPress={() => order("not-reached")}>{words.work.notReached}</Push> : null}
        {spoken && talking ? (
          <Push shortcut="K" aria-expanded={sending === "number"} onPress={() => setSending(sending === "number" ? "" : "number")}>
            {words.work.forward}
          </Push>
        ) : null}
        <Push shortcut="Q" aria-expanded={sending === "queue"} onPress={() => setSending(sending === "queue" ? "" : "queue")}>
          {words.work.toQueue}
        </Push>
        {contact.state === "connected" && contact.connecting !== true && contact.queue ? (
          <Push shortcut="B" onPress={() => order("hand-back")}>
            {words.work.handBack}
          </Push>
        ) : null}
        {contact.help_since == null ? (
          <Push onPress={() => order("help")}>{words.work.help}</Push>
        ) : (
          <Push onPress={() => order("end-help")}>{words.work.endHelp}</Push>
        )}
        <Push look="danger" shortcut="X" isDisabled={doing.busy} onPress={() => order("finish")}>
          {spoken ? words.work.finishCall : words.work.finish}
        </Push>
      </div>
      {sending === "number" ? <ToNumber order={order} /> : null}
      {sending === "queue" ? <ToQueue contact={contact} order={order} /> : null}
      <Trouble text={doing.trouble} />
    </>
  );
}

function Talk({ contact, order, busy }: { readonly contact: ContactView; readonly order: Order; readonly busy: boolean }): ReactNode {
  const words = useWords();
  const parties = contact.parties ?? [];
  return (
    <>
      {contact.held === true && parties.length === 0 ? (
        <Push look="main" shortcut="H" isDisabled={busy} onPress={() => order("resume")}>
          {words.work.resume}
        </Push>
      ) : null}
      {contact.held === true ? null : (
        <Push shortcut="H" isDisabled={busy} onPress={() => order("hold")}>
          {words.work.hold}
        </Push>
      )}
      {parties.length === 0 ? (
        <Push shortcut="P" isDisabled={busy} onPress={() => order("park")}>
          {words.work.park}
        </Push>
      ) : (
        <>
          <Push look="main" shortcut="C" isDisabled={busy} onPress={() => order("connect")}>
            {words.work.connect}
          </Push>
          <Push isDisabled={busy} onPress={() => order("resume")}>
            {words.work.resume}
          </Push>
          <Push shortcut="S" isDisabled={busy} onPress={() => order("swap")}>
            {words.work.swap}
          </Push>
          <Push isDisabled={busy} onPress={() => order("drop-party")}>
            {words.work.drop}
          </Push>
        </>
      )}
      {contact.recording === "on" ? <Push onPress={() => order("recording/pause")}>{words.work.pauseRecording}</Push> : null}
      {contact.recording === "paused" ? <Push onPress={() => order("recording/resume")}>{words.work.resumeRecording}</Push> : null}
    </>
  );
}

/** Digits are a number; anything else is looked for among the people of the city. */
function isNumber(written: string): boolean {
  return /^[+\d][\d\s()/-]{4,}$/.test(written);
}

function ToNumber({ order }: { readonly order: Order }): ReactNode {
  const words = useWords();
  const [written, setWritten] = useState("");
  const to = { number: written.trim() };
  return (
    <div className="column">
      <People onChoose={(person, ask) => order(ask ? "consult" : "forward", { to: { person: person.id } })} hint={words.people.hintTalking} autoFocus />
      <div className="row">
        <Field label={words.work.number} value={written} onChange={setWritten} />
        <Push look="main" isDisabled={!isNumber(to.number)} onPress={() => order("forward", { to })}>
          {words.work.forward}
        </Push>
        <Push isDisabled={!isNumber(to.number)} onPress={() => order("consult", { to })}>
          {words.work.consult}
        </Push>
      </div>
    </div>
  );
}

function ToQueue({ contact, order }: { readonly contact: ContactView; readonly order: Order }): ReactNode {
  const words = useWords();
  const { run, trouble } = useDoing();
  const [choices, setChoices] = useState<Choices>();
  const [queue, setQueue] = useState<string | null>(null);
  const [note, setNote] = useState("");
  useEffect(() => {
    void run(async () => setChoices(await get<Choices>(`/contacts/${contact.id}/queues`)));
  }, [contact.id]); // once, as it opens
  const chosen = choices?.queues.find((one) => one.queue === queue);
  const title = (one: Choices["queues"][number]): string => `${one.title ?? one.queue} (${one.waiting})`;
  return (
    <div className="column">
      <Choice
        label={words.work.toQueue}
        options={(choices?.queues ?? []).map((one) => [one.queue, title(one)] as const)}
        value={queue}
        onChange={setQueue}
        placeholder={choices?.queues.length === 0 ? words.work.noQueues : words.wrapUp.choose}
        disabled={(choices?.queues.length ?? 0) === 0}
      />
      <Field label={words.remarks.add} value={note} onChange={setNote} lines={2} />
      <div className="row">
        <Push
          look="main"
          isDisabled={chosen === undefined || (chosen.way === "leave" && note.trim() === "")}
          onPress={() => chosen && order(chosen.way === "send" ? "send-to-queue" : "leave", { queue: chosen.queue, note: note.trim() })}
        >
          {words.work.handOver}
        </Push>
      </div>
      <Trouble text={trouble} />
    </div>
  );
}
