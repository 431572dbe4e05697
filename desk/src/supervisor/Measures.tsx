/** What is done in a crisis that runs: what it concerns, until when, where callers go first, and who helps. */

import { useEffect, useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import type { Agents, CrisisView } from "../api/types";
import { Choice, Field, Push, Tick, Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";
import type { Titles } from "./house";

const NONE = " none";

interface MeasuresProps {
  readonly crisis: CrisisView;
  readonly titles: Titles;
  readonly onDone: () => void;
}

export function Measures({ crisis, titles, onDone }: MeasuresProps): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const before = crisis.measures;
  const [queues, setQueues] = useState<readonly string[]>(before.queues ?? []);
  const [ends, setEnds] = useState(() => onClock(before.until));
  const [only, setOnly] = useState(before.callback_only === true);
  const [triage, setTriage] = useState(before.triage || NONE);
  const [helpers, setHelpers] = useState<readonly string[]>(before.helpers ?? []);
  const [agents, setAgents] = useState<readonly string[]>([]);
  useEffect(() => {
    void get<Agents>("/agents").then(
      (found) => setAgents(found.agents.map((one) => one.id)),
      () => undefined,
    );
  }, []);
  const save = (): void => {
    const where = queues.length === 0 ? { all: true } : { queues };
    const until = ends === onClock(before.until) ? {} : { until: ends };
    const measures = { ...where, ...until, callback_only: only, triage: triage === NONE ? "" : triage, helpers };
    void doing.run(() => act("POST", `/crises/${crisis.crisis}/amend`, measures)).then((granted) => granted && onDone());
  };

  return (
    <div className="column">
      <Ticks legend={`${words.lead.concerns} (${words.lead.noneIsAll})`} options={[...titles.queues]} chosen={queues} onChange={setQueues} />
      <Ticks legend={words.lead.helpers} options={agents.map((id) => [id, id] as const)} chosen={helpers} onChange={setHelpers} />
      <Choice label={words.lead.triage} options={[[NONE, words.lead.noTriage], ...titles.queues]} value={triage} onChange={setTriage} />
      <Field label={words.lead.endsAt} type="time" value={ends} onChange={setEnds} />
      <Tick label={words.lead.callbackOnly} on={only} onChange={setOnly} />
      <div className="row">
        <Push look="main" isDisabled={doing.busy} onPress={save}>
          {words.lead.confirm}
        </Push>
        <Push look="quiet" onPress={onDone}>
          {words.lead.cancel}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
    </div>
  );
}

interface TicksProps {
  readonly legend: string;
  readonly options: readonly (readonly [string, string])[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function Ticks({ legend, options, chosen, onChange }: TicksProps): ReactNode {
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      {options.map(([id, title]) => (
        <Tick
          key={id}
          label={title || id}
          on={chosen.includes(id)}
          onChange={(on) => onChange(on ? [...chosen, id] : chosen.filter((one) => one !== id))}
        />
      ))}
    </fieldset>
  );
}

/** A moment as a clock shows it, as time fields are written; empty for none. */
function onClock(at: number | null | undefined): string {
  if (at == null) return "";
  const time = new Date(at * 1000);
  return [time.getHours(), time.getMinutes()].map((n) => String(n).padStart(2, "0")).join(":");
}
