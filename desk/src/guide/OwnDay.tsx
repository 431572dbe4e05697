/** An agent's own figures of today. Nobody else's: neither a colleague's nor a comparison. */

import { useEffect, useRef, useState, type ReactNode } from "react";

import { get } from "../api/client";
import { useNow } from "../api/clock";
import type { AgentToday, AgentView } from "../api/types";
import { clock, useWords } from "../words";

/** In this order; a state without time is left out. */
const STATES = ["ready", "paused", "not_responding"] as const;
const PACE_MS = 1000;

export function OwnDay({ agent }: { readonly agent: AgentView }): ReactNode {
  const words = useWords();
  const now = useNow();
  const seen = useToday(agent);
  if (seen === undefined) return null;
  const channels = Object.entries(seen.channels);
  // The present state goes on while nothing happens: what the engine told is carried on by its own clock.
  const present = agent.state === "reserved" ? "ready" : agent.state;
  const passed = (state: string): number => (seen.times[state] ?? 0) + (state === present ? Math.max(now - seen.at, 0) : 0);
  const times = STATES.filter((state) => passed(state) >= 1);
  return (
    <section className="card" aria-label={words.guide.day.title}>
      <h2>{words.guide.day.title}</h2>
      {channels.length === 0 ? <p className="faint">{words.guide.day.none}</p> : null}
      <dl className="facts number">
        {channels.map(([channel, one]) => (
          <div key={channel} className="pair">
            <dt>{channel === "outbound" ? words.guide.day.outbound : (words.channel[channel] ?? channel)}</dt>
            <dd>{words.guide.day.counted(one.answered, one.mean_talk === null ? "" : clock(one.mean_talk))}</dd>
          </div>
        ))}
        {seen.mean_wrap_up === null ? null : (
          <div className="pair">
            <dt>{words.work.wrappingUp}</dt>
            <dd>{words.guide.day.counted(seen.wrap_ups, clock(seen.mean_wrap_up))}</dd>
          </div>
        )}
      </dl>
      {times.length === 0 ? null : (
        <>
          <h3>{words.guide.day.time}</h3>
          <dl className="facts number">
            {times.map((state) => (
              <div key={state} className="pair">
                <dt>{words.state[state]}</dt>
                <dd>{clock(passed(state))}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <p className="faint">{words.guide.day.own}</p>
    </section>
  );
}

/** The figures, looked at again whenever the desk saw something happen to the agent: a desk listens once, not twice. */
function useToday(agent: AgentView): AgentToday | undefined {
  const [seen, setSeen] = useState<AgentToday>();
  const looked = useRef(0);
  useEffect(() => {
    const timer = setTimeout(() => {
      looked.current = Date.now();
      void get<AgentToday>(`/agents/${agent.id}/today`).then(setSeen, () => undefined);
    }, Math.max(0, looked.current + PACE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [agent]);
  return seen;
}
