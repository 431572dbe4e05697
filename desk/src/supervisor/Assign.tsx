/** Which queues an agent serves for now, and with what skills. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import type { AgentView } from "../api/types";
import { Choice, Push, Tick, Trouble, useDoing } from "../ui/controls";
import { byName, isOwn, named } from "../ui/named";
import { useTongue } from "../words";
import type { Titles } from "./house";

const LEVELS = ["0", "1", "2", "3", "4", "5"] as const;
const HOUR_S = 3600;

interface AssignProps {
  readonly agent: AgentView;
  readonly titles: Titles;
  readonly onDone: () => void;
}

export function Assign({ agent, titles, onDone }: AssignProps): ReactNode {
  const { words, locale } = useTongue();
  const doing = useDoing();
  const [queues, setQueues] = useState<Readonly<Record<string, number>>>(agent.queues ?? {});
  const [skills, setSkills] = useState<Readonly<Record<string, number>>>(agent.skills ?? {});
  const [lasts, setLasts] = useState("");
  const known = byName([...titles.skills.keys(), ...Object.keys(skills)], titles.skills, locale).filter(isOwn);
  const path = `/agents/${agent.id}/assignment`;
  const done = (granted: boolean): void => {
    if (granted) onDone();
  };
  const save = (): void => {
    const until = lasts === "" ? {} : { until: Date.now() / 1000 + Number(lasts) * HOUR_S };
    const own = Object.fromEntries(Object.entries(skills).filter(([name, level]) => level > 0 && isOwn(name)));
    void doing.run(() => act("PUT", path, { queues, skills: own, ...until })).then(done);
  };

  return (
    <section className="card" aria-label={`${words.lead.assign}: ${agent.id}`}>
      <h2>
        {words.lead.assign}: {agent.id}
      </h2>
      <fieldset className="choices">
        <legend>{words.lead.queues}</legend>
        {[...titles.queues].map(([id, title]) => (
          <Tick
            key={id}
            label={title || id}
            on={id in queues}
            onChange={(on) => setQueues(on ? { ...queues, [id]: agent.queues?.[id] ?? 0 } : without(queues, id))}
          />
        ))}
      </fieldset>
      <fieldset className="choices">
        <legend>{words.lead.skills}</legend>
        {known.map((skill) => (
          <Choice
            key={skill}
            label={named([skill], titles.skills)}
            options={LEVELS.map((level) => [level, level === "0" ? words.lead.noSkill : level] as const)}
            value={LEVELS[skills[skill] ?? 0] ?? "0"}
            onChange={(level) => setSkills({ ...skills, [skill]: Number(level) })}
          />
        ))}
      </fieldset>
      <Choice
        label={words.lead.lasts}
        options={[["1", words.lead.hours(1)], ["4", words.lead.hours(4)], ["8", words.lead.hours(8)], ["open", words.lead.untilEnded]] as const}
        value={lasts === "" ? "open" : (lasts as "1")}
        onChange={(hours) => setLasts(hours === "open" ? "" : hours)}
      />
      <div className="row">
        <Push look="main" isDisabled={doing.busy} onPress={save}>
          {words.lead.assignNow}
        </Push>
        {agent.assigned === true ? (
          <Push onPress={() => void doing.run(() => act("DELETE", path)).then(done)}>{words.lead.asConfigured}</Push>
        ) : null}
        <Push look="quiet" onPress={onDone}>
          {words.lead.cancel}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}

function without(queues: Readonly<Record<string, number>>, id: string): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(queues).filter(([name]) => name !== id));
}
