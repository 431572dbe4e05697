/** Crises: begun from a plan or in own words, told anew, changed, and ended (docs/crisis.md). */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import { useLevel } from "../api/level";
import type { Crises as CrisesSeen, CrisisView, PlanView } from "../api/types";
import { Choice, Field, Push, Tick, Trouble, useDoing } from "../ui/controls";
import { named } from "../ui/named";
import { LANGUAGES, useTongue, type Language } from "../words";
import { CRISES, type Titles } from "./house";
import { Measures } from "./Measures";

type Said = Readonly<Partial<Record<Language, string>>>;
const OWN = " own";
/** What stands in for languages without a text comes first. */
const TOLD = Object.keys(LANGUAGES) as readonly Language[];

export function Crises({ titles }: { readonly titles: Titles }): ReactNode {
  const { words } = useTongue();
  const level = useLevel<CrisesSeen>(() => CRISES);
  if (level.seen === undefined) return <p className="banner">{words.house.loading}</p>;
  const running = level.seen.crises.filter((one) => one.running);
  return (
    <div className="board">
      {running.map((one) => (
        <Running key={one.crisis} crisis={one} titles={titles} onDone={level.look} />
      ))}
      <Begin plans={level.seen.plans} titles={titles} onDone={level.look} />
    </div>
  );
}

function Begin({ plans, titles, onDone }: { readonly plans: readonly PlanView[]; readonly titles: Titles; readonly onDone: () => void }): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const [plan, setPlan] = useState(OWN);
  const [name, setName] = useState("");
  const [queue, setQueue] = useState(OWN);
  const [said, say] = useState<Said>({});
  const [only, setOnly] = useState(false);
  const options: readonly (readonly [string, string])[] = [[OWN, words.lead.ownPlan], ...plans.map((one) => [one.name, one.title || one.name] as const)];
  const begin = (): void => {
    const messages = spoken(said);
    const own = plan === OWN ? { name: name.trim(), ...(queue === OWN ? { all: true } : { queues: [queue] }) } : { name: plan };
    const more = { ...(Object.keys(messages).length === 0 ? {} : { messages }), ...(only ? { callback_only: true } : {}) };
    void doing.run(() => act("POST", "/crises", { ...own, ...more })).then((granted) => {
      if (granted) say({});
      onDone();
    });
  };
  return (
    <section className="card" aria-label={words.lead.beginCrisis}>
      <h2>{words.lead.beginCrisis}</h2>
      <Choice label={words.lead.plan} options={options} value={plan} onChange={setPlan} />
      {plan === OWN ? (
        <>
          <Field label={words.lead.crisisName} value={name} onChange={setName} />
          <Choice label={words.lead.concerns} options={[[OWN, words.lead.everything], ...titles.queues]} value={queue} onChange={setQueue} />
        </>
      ) : (
        <p className="faint">{words.lead.planSays}</p>
      )}
      <Texts said={said} onChange={say} />
      <Tick label={words.lead.callbackOnly} on={only} onChange={setOnly} />
      <div className="row">
        <Push look="danger" isDisabled={doing.busy || (plan === OWN && name.trim() === "")} onPress={begin}>
          {words.lead.beginCrisis}
        </Push>
        {doing.busy ? <span role="status">{words.lead.speaking}</span> : null}
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}

function Running({ crisis, titles, onDone }: { readonly crisis: CrisisView; readonly titles: Titles; readonly onDone: () => void }): ReactNode {
  const { words, locale } = useTongue();
  const doing = useDoing();
  const [said, say] = useState<Said>({});
  const [changing, change] = useState(false);
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short" });
  const measures = crisis.measures;
  const path = `/crises/${crisis.crisis}`;
  const order = (what: string, body: unknown = {}): void => {
    void doing.run(() => act("POST", `${path}/${what}`, body)).then((granted) => {
      if (granted && what === "say") say({});
      onDone();
    });
  };
  const title = crisis.title || crisis.name;
  return (
    <section className="card crisis" aria-label={title}>
      <div className="row">
        <h2>{title}</h2>
        <span className="badge warn">{words.lead.running}</span>
      </div>
      <dl className="facts">
        <dt>{words.lead.concerns}</dt>
        <dd>{named(measures.queues ?? [], titles.queues) || words.lead.everything}</dd>
        <dt>{words.lead.until}</dt>
        <dd>{measures.until == null ? words.lead.untilEnded : time.format(measures.until * 1000)}</dd>
      </dl>
      {Object.entries(crisis.messages.at(-1)?.texts ?? {}).map(([language, text]) => (
        <p key={language} lang={language} dir="auto" className="said">
          {text}
        </p>
      ))}
      {measures.callback_only === true ? <p>{words.lead.callbackOnly}</p> : null}
      <Texts said={said} onChange={say} />
      <div className="row">
        <Push look="main" isDisabled={doing.busy || Object.keys(spoken(said)).length === 0} onPress={() => order("say", { messages: spoken(said) })}>
          {words.lead.sayNow}
        </Push>
        <Push aria-expanded={changing} onPress={() => change(!changing)}>
          {words.board.change}
        </Push>
        <Push look="danger" isDisabled={doing.busy} onPress={() => order("end")}>
          {words.lead.endCrisis}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
      {changing ? (
        <Measures
          crisis={crisis}
          titles={titles}
          onDone={() => {
            change(false);
            onDone();
          }}
        />
      ) : null}
    </section>
  );
}

function Texts({ said, onChange }: { readonly said: Said; readonly onChange: (said: Said) => void }): ReactNode {
  const { words } = useTongue();
  return (
    <fieldset className="choices wide">
      <legend>{words.lead.announcement}</legend>
      {TOLD.map((language) => (
        <Field key={language} label={LANGUAGES[language]} lines={2} value={said[language] ?? ""} onChange={(text) => onChange({ ...said, [language]: text })} />
      ))}
    </fieldset>
  );
}

function spoken(said: Said): Readonly<Record<string, string>> {
  const kept = Object.entries(said).map(([language, text]) => [language, text.trim()] as const);
  return Object.fromEntries(kept.filter(([, text]) => text !== ""));
}
