/** The telephone in the page: how it is, what can be done in its call, and what it speaks and hears with. */

import { useEffect, useState, type ReactNode } from "react";

import { Choice, Push, Trouble, useDoing } from "../ui/controls";
import { useTongue, useWords } from "../words";
import type { Call, Line, LineState } from "./line";
import { choose, chosen, close, devices, listenTo, microphone, type Kind } from "./sound";
import type { Phone } from "./usePhone";

const LOOKS: Partial<Record<LineState, string>> = { ready: "good", voiceless: "warn", elsewhere: "warn" };
const GRADES = { good: "good", fair: "warn", poor: "bad" } as const;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
/** What the system prefers. */
const SYSTEM = "";

interface PhoneCardProps {
  readonly phone: Phone;
  /** The leg of an offer, which is taken there. */
  readonly offered: string | undefined;
  /** The leg of what the agent has in hand, which is ended there. */
  readonly inHand: boolean;
}

export function PhoneCard({ phone, offered, inHand }: PhoneCardProps): ReactNode {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const { line, view } = phone;
  if (line === null) return null;
  const { call, state } = view;
  return (
    <section className="card" aria-label={words.phone.title}>
      <div className="row">
        <h2>{words.phone.title}</h2>
        <span className={`badge ${LOOKS[state] ?? ""}`} role="status">
          {words.phone.state[state]}
        </span>
        {call?.quality === undefined ? null : <Sounds quality={call.quality} />}
      </div>
      {state === "voiceless" ? (
        <>
          <p className="banner">{words.phone.voiceless}</p>
          <Push look="main" onPress={() => void line.begin()}>
            {words.house.retry}
          </Push>
        </>
      ) : null}
      {state === "elsewhere" ? <p className="faint">{words.phone.elsewhere}</p> : null}
      {call === null || call.leg === (offered ?? "-") ? null : <InCall line={line} call={call} inHand={inHand} />}
      {state === "ready" || call !== null ? (
        <Push look="quiet" aria-expanded={open} onPress={() => setOpen(!open)}>
          {words.phone.settings}
        </Push>
      ) : null}
      {open ? <Settings line={line} idle={call === null && state === "ready"} /> : null}
    </section>
  );
}

function Sounds({ quality }: { readonly quality: NonNullable<Call["quality"]> }): ReactNode {
  const { words, locale } = useTongue();
  const number = (n: number): string => n.toLocaleString(locale, { maximumFractionDigits: 0 });
  const { lost, jitterMs, delayMs } = quality;
  const told = words.phone.counted(number(lost), number(jitterMs), delayMs === undefined ? "–" : number(delayMs));
  return (
    <span className={`badge ${GRADES[quality.grade]}`} title={told}>
      {words.phone.grade[quality.grade]}
    </span>
  );
}

function InCall({ line, call, inHand }: { readonly line: Line; readonly call: Call; readonly inHand: boolean }): ReactNode {
  const words = useWords();
  const [keys, setKeys] = useState(false);
  const test = call.leg === "";
  if (call.stage === "ringing" && !inHand) {
    return (
      <div role="alert">
        <p>
          {words.phone.rings} <bdi>{call.who}</bdi>
        </p>
        <div className="row">
          <Push look="main" autoFocus onPress={() => void line.answer()}>
            {words.phone.answer}
          </Push>
          <Push onPress={() => line.hangUp()}>{words.phone.decline}</Push>
        </div>
      </div>
    );
  }
  return (
    <>
      {test ? <p>{words.phone.testing}</p> : null}
      {call.blocked ? (
        <Push look="main" onPress={() => line.listen()}>
          {words.phone.listen}
        </Push>
      ) : null}
      <div className="row">
        {call.stage === "talking" && !test ? (
          <>
            <Push aria-pressed={call.muted} look={call.muted ? "danger" : "plain"} onPress={() => line.mute(!call.muted)}>
              {call.muted ? words.phone.unmute : words.phone.mute}
            </Push>
            <Push aria-expanded={keys} onPress={() => setKeys(!keys)}>
              {words.phone.keypad}
            </Push>
          </>
        ) : null}
        {inHand ? null : (
          <Push look="danger" onPress={() => line.hangUp()}>
            {test ? words.phone.endTest : words.work.finishCall}
          </Push>
        )}
      </div>
      {keys ? <Keypad line={line} /> : null}
    </>
  );
}

function Keypad({ line }: { readonly line: Line }): ReactNode {
  const words = useWords();
  // The keys stand as on a telephone, in every language.
  return (
    <div className="keypad" dir="ltr" role="group" aria-label={words.phone.keypad}>
      {KEYS.map((key) => (
        <Push key={key} onPress={() => line.press(key)}>
          {key}
        </Push>
      ))}
    </div>
  );
}

function Settings({ line, idle }: { readonly line: Line; readonly idle: boolean }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [changed, setChanged] = useState(0);
  return (
    <>
      <Device kind="microphone" onChosen={() => setChanged(changed + 1)} />
      <Level key={changed} />
      <Device kind="speaker" onChosen={() => undefined} />
      {idle ? (
        <Push isDisabled={doing.busy} onPress={() => void doing.run(() => line.test())}>
          {words.phone.test}
        </Push>
      ) : null}
      <Trouble text={doing.trouble} />
    </>
  );
}

function Device({ kind, onChosen }: { readonly kind: Kind; readonly onChosen: () => void }): ReactNode {
  const words = useWords();
  const [there, setThere] = useState<readonly (readonly [string, string])[]>([]);
  const [value, setValue] = useState(() => chosen(kind));
  useEffect(() => {
    const look = (): void => void devices(kind).then(setThere);
    look();
    navigator.mediaDevices.addEventListener("devicechange", look);
    return () => navigator.mediaDevices.removeEventListener("devicechange", look);
  }, [kind]);
  return (
    <Choice
      label={words.phone[kind]}
      options={[[SYSTEM, words.phone.system], ...there]}
      value={there.some(([id]) => id === value) ? value : SYSTEM}
      onChange={(id) => {
        choose(kind, id);
        setValue(id);
        onChosen();
      }}
    />
  );
}

/** How loud the microphone hears somebody who tries it. */
function Level(): ReactNode {
  const words = useWords();
  const [level, setLevel] = useState(0);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let over = false;
    let stop = (): void => undefined;
    void microphone().then((opened) => {
      if (over) return close(opened);
      stream = opened;
      stop = listenTo(opened, setLevel);
    }, () => undefined);
    return () => {
      over = true;
      stop();
      close(stream);
    };
  }, []);
  return <meter className="level" aria-label={words.phone.level} min={0} max={1} value={level} />;
}
