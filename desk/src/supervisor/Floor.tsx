/** The agents of the house, how each is, and what somebody who leads can do for them. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import { useLevel } from "../api/level";
import type { AgentView } from "../api/types";
import { AgentState } from "../ui/AgentState";
import { Choice, Push, Trouble, useDoing } from "../ui/controls";
import { clock, useWords } from "../words";
import { Assign } from "./Assign";
import { FLOOR, type FloorView, type Titles } from "./house";

export function Floor({ titles }: { readonly titles: Titles }): ReactNode {
  const words = useWords();
  const floor = useLevel<FloorView>(() => FLOOR);
  const doing = useDoing();
  const now = useNow();
  const [chosen, choose] = useState("");
  if (floor.seen === undefined) return <p className="banner">{words.house.loading}</p>;
  const { agents, helps } = floor.seen;
  const order = (path: string, body: unknown = {}): void => {
    void doing.run(() => act("POST", path, body)).then(floor.look);
  };
  const there = agents.filter((one) => one.state !== "logged_out" || (one.work ?? []).length > 0);
  const away = agents.filter((one) => !there.includes(one));
  const moved = agents.find((one) => one.id === chosen);

  return (
    <div className="board">
      <Trouble text={doing.trouble} />
      {helps.length === 0 ? null : (
        <section className="card" aria-label={words.work.helpWanted}>
          <h2>{words.work.helpWanted}</h2>
          <ul className="listed">
            {helps.map((one) => (
              <li key={one.contact} className="row">
                <strong>{one.agent}</strong> {words.channel[one.channel] ?? one.channel} · {titles.queues.get(one.queue) ?? one.queue}
                <span className="number">{clock(now - one.since)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {moved === undefined ? null : (
        <Assign
          key={moved.id}
          agent={moved}
          titles={titles}
          onDone={() => {
            choose("");
            floor.look();
          }}
        />
      )}
      <table>
        <caption className="unseen">{words.board.agents}</caption>
        <thead>
          <tr>
            <th scope="col">{words.board.agent}</th>
            <th scope="col">{words.lead.status}</th>
            <th scope="col">{words.work.title}</th>
            <th scope="col">{words.board.change}</th>
          </tr>
        </thead>
        <tbody>
          {there.map((one) => (
            <tr key={one.id}>
              <th scope="row">{one.id}</th>
              <td>
                <State agent={one} titles={titles} />
              </td>
              <td>
                {(one.work ?? []).map((work) => (
                  <div key={work.contact}>
                    {words.channel[work.channel] ?? work.channel} · {titles.queues.get(work.queue ?? "") ?? ""}{" "}
                    <span className="number">{work.since == null ? "" : clock(now - work.since)}</span>
                  </div>
                ))}
              </td>
              <td>
                <div className="row">
                  {one.state === "ready" || one.state === "reserved" ? null : (
                    <Push aria-label={`${words.state.beReady}: ${one.id}`} onPress={() => order(`/agents/${one.id}/ready`)}>
                      {words.state.ready}
                    </Push>
                  )}
                  <Choice
                    label={`${words.state.pause}: ${one.id}`}
                    hideLabel
                    options={titles.pauses}
                    value={null}
                    placeholder={words.state.pause}
                    onChange={(reason) => order(`/agents/${one.id}/pause`, { reason })}
                  />
                  <Push aria-label={`${words.lead.assign}: ${one.id}`} onPress={() => choose(one.id)}>
                    {words.lead.assign}
                  </Push>
                  <Push look="danger" aria-label={`${words.state.logOut}: ${one.id}`} onPress={() => order(`/agents/${one.id}/log-out`)}>
                    {words.state.logOut}
                  </Push>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="faint">
        {words.state.logged_out}: {away.map((one) => one.id).join(", ") || "–"}
      </p>
    </div>
  );
}

function State({ agent, titles }: { readonly agent: AgentView; readonly titles: Titles }): ReactNode {
  const words = useWords();
  return (
    <>
      <AgentState agent={agent} pauses={titles.pauses} />
      {agent.assigned === true ? <span className="badge">{words.lead.assigned}</span> : null}
      {agent.phone_lost === true ? <span className="badge warn">{words.board.phoneLost}</span> : null}
    </>
  );
}
