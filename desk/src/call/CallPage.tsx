/** The page from which citizens ring: one large button, and what happens, said as it happens. */

import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";

import { choose, chosen, devices, type Kind } from "../phone/sound";
import { WebCall, type CallView, type Stage } from "./call";
import { Asking, type Told } from "./told";
import { directionOf, wordsOf, type Words } from "./words";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const IN_CALL: readonly Stage[] = ["asking", "ringing", "talking", "lost"];

export function CallPage({ told }: { readonly told: Told }): ReactNode {
  const [call] = useState(() => new WebCall(new Asking(told.page)));
  const [language, speak] = useState(told.language);
  const view = useSyncExternalStore(call.subscribe, call.current);
  const words = wordsOf(language);
  const title = told.title[language] ?? words.title;
  const inCall = IN_CALL.includes(view.stage);
  const talking = view.stage === "talking";
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = directionOf(language);
    document.title = title;
  }, [language, title]);
  useKeys(talking, call);
  return (
    <div className="calling">
      {Object.keys(told.languages).length > 1 ? (
        <nav aria-label={words.languages}>
          {Object.entries(told.languages).map(([one, name]) => (
            <button key={one} type="button" className="button quiet" lang={one} aria-pressed={one === language} onClick={() => speak(one)}>
              {name}
            </button>
          ))}
        </nav>
      ) : null}
      <main>
        <h1>{title}</h1>
        {inCall ? null : <p>{words.how}</p>}
        <p role="status" className={view.trouble === "" ? "state" : "state trouble"}>
          {said(view, words)}
        </p>
        {view.trouble === "framed" ? (
          <a className="button main" href={`${location.pathname}?language=${encodeURIComponent(language)}`} target="_blank" rel="noopener">
            {words.apart}
          </a>
        ) : null}
        <button
          type="button"
          className={inCall ? "button call danger" : "button call main"}
          onClick={() => (inCall ? call.hangUp() : void call.ring(language))}
        >
          {inCall ? words.hangUp : view.stage === "ended" ? words.again : words.ring}
        </button>
        {view.blocked ? (
          <button type="button" className="button main" onClick={() => call.listen()}>
            {words.listen}
          </button>
        ) : null}
        {talking || view.stage === "lost" ? <InCall call={call} view={view} words={words} /> : null}
        {inCall ? null : <Devices words={words} seen={view.stage} />}
        {inCall || (told.chat === "" && told.callback === "") ? null : <Others told={told} language={language} words={words} />}
      </main>
    </div>
  );
}

/** How it stands, in words. */
function said(view: CallView, words: Words): string {
  if (view.trouble !== "") return words.trouble[view.trouble];
  switch (view.stage) {
    case "idle":
      return "";
    case "asking":
      return words.asking;
    case "ringing":
      return words.ringing;
    case "lost":
      return words.lost;
    case "ended":
      return words.ended;
    case "talking":
      return stands(view, words);
  }
}

function stands({ standing }: CallView, words: Words): string {
  switch (standing?.state) {
    case "waiting":
      return typeof standing.place === "number" ? words.place(String(standing.place)) : words.waiting;
    case "offered":
      return words.offered;
    case "connected":
      return words.connected;
    default:
      return words.asked;
  }
}

function InCall({ call, view, words }: { readonly call: WebCall; readonly view: CallView; readonly words: Words }): ReactNode {
  const grade = view.quality?.grade ?? "good";
  return (
    <>
      <div className="row">
        <button type="button" className={view.muted ? "button danger" : "button"} onClick={() => call.mute(!view.muted)}>
          {view.muted ? words.unmute : words.mute}
        </button>
        <meter className="level" aria-label={words.level} min={0} max={1} value={view.muted ? 0 : view.level} />
      </div>
      <p role="status" className="faint">
        {[view.muted ? words.muted : "", grade === "good" ? "" : words.sound[grade]].join(" ").trim()}
      </p>
      {/* The keys stand as on a telephone, in every language. */}
      <div className="keypad" dir="ltr" role="group" aria-label={words.keys}>
        {KEYS.map((key) => (
          <button key={key} type="button" className="button" onClick={() => call.press(key)}>
            {key}
          </button>
        ))}
      </div>
    </>
  );
}

/** Keys of the keyboard are those of the telephone, while there is a call. */
function useKeys(on: boolean, call: WebCall): void {
  useEffect(() => {
    if (!on) return;
    const heard = (event: KeyboardEvent): void => {
      if (!event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat && KEYS.includes(event.key)) call.press(event.key);
    };
    addEventListener("keydown", heard);
    return () => removeEventListener("keydown", heard);
  }, [on, call]);
}

/** Shown to who has a choice. */
function Devices({ words, seen }: { readonly words: Words; readonly seen: Stage }): ReactNode {
  const [there, setThere] = useState<Readonly<Record<Kind, readonly (readonly [string, string])[]>>>({ microphone: [], speaker: [] });
  useEffect(() => {
    const all = navigator.mediaDevices as MediaDevices | undefined;
    const look = (): void => {
      if (all === undefined) return;
      void Promise.all([devices("microphone"), devices("speaker")]).then(([microphone, speaker]) => setThere({ microphone, speaker }));
    };
    look();
    all?.addEventListener("devicechange", look);
    return () => all?.removeEventListener("devicechange", look);
  }, [seen]);
  const kinds = (["microphone", "speaker"] as const).filter((kind) => there[kind].length > 1);
  if (kinds.length === 0) return null;
  return (
    <details>
      <summary>{words.devices}</summary>
      {kinds.map((kind) => (
        <label key={kind} className="field">
          {words[kind]}
          <select defaultValue={chosen(kind)} onChange={(event) => choose(kind, event.target.value)}>
            <option value="">{words.system}</option>
            {there[kind].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ))}
    </details>
  );
}

function Others({ told, language, words }: { readonly told: Told; readonly language: string; readonly words: Words }): ReactNode {
  const ways = [
    [told.chat, words.chat],
    [told.callback, words.callback],
  ] as const;
  return (
    <section aria-labelledby="others">
      <h2 id="others">{words.others}</h2>
      <ul className="ways">
        {ways.map(([address, name]) =>
          address === "" ? null : (
            <li key={address}>
              <a href={`${address}?language=${encodeURIComponent(language)}`} target="_top">
                {name}
              </a>
            </li>
          ),
        )}
      </ul>
    </section>
  );
}
