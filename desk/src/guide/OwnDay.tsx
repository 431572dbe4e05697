/** An agent's own figures of today. Nobody else's: neither a colleague's nor a comparison. */

import type { ReactNode } from "react";

import { useNow } from "../api/clock";
import type { AgentToday, AgentView } from "../api/types";
import { clock, useWords } from "../words";

/** In this order; a state without time is left out. */
const STATES = ["ready", "paused", "not_responding"] as const;

export function OwnDay({ agent, today }: { readonly agent: AgentView; readonly today: AgentToday }): ReactNode {
  const words = useWords();
  const now = useNow();
  const channels = Object.entries(today.channels);
  // The present state goes on while nothing happens: what the engine told is carried on by its own clock.
  const present = agent.state === "reserved" ? "ready" : agent.state;
  const passed = (state: string): number => (today.times[state] ?? 0) + (state === present ? Math.max(now - today.at, 0) : 0);
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
        {today.mean_wrap_up === null ? null : (
          <div className="pair">
            <dt>{words.work.wrappingUp}</dt>
            <dd>{words.guide.day.counted(today.wrap_ups, clock(today.mean_wrap_up))}</dd>
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
