/** Who waits, the longest first; and moving one to another line. */

import { useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import { useNow } from "../api/clock";
import { useLevel } from "../api/level";
import type { ContactView, WhyWaiting } from "../api/types";
import { Choice, Push, Trouble, useDoing } from "../ui/controls";
import { clock, useTongue } from "../words";
import { WAITING, type Titles } from "./house";

interface Why {
  readonly contact: string;
  readonly told: WhyWaiting;
}

export function Line({ titles }: { readonly titles: Titles }): ReactNode {
  const { words } = useTongue();
  const line = useLevel<readonly ContactView[]>(() => WAITING);
  const doing = useDoing();
  const now = useNow();
  const [why, setWhy] = useState<Why>();
  if (line.seen === undefined) return <p className="banner">{words.house.loading}</p>;
  const order = (path: string, body: unknown = {}): void => {
    void doing.run(() => act("POST", path, body)).then(line.look);
  };
  const explain = (contact: string): void => {
    void doing.run(async () => {
      setWhy({ contact, told: await get<WhyWaiting>(`/contacts/${contact}/why-waiting`) });
    });
  };

  return (
    <div className="board">
      <Trouble text={doing.trouble} />
      {line.seen.length === 0 ? <p>{words.board.nobody}</p> : null}
      {line.seen.length === 0 ? null : (
        <table>
          <caption className="unseen">{words.board.line}</caption>
          <thead>
            <tr>
              <th scope="col">{words.board.channel}</th>
              <th scope="col">{words.story.why}</th>
              <th scope="col">{words.story.language}</th>
              <th scope="col">{words.board.waited}</th>
              <th scope="col">{words.board.change}</th>
            </tr>
          </thead>
          <tbody>
            {line.seen.map((one) => (
              <tr key={one.id}>
                <th scope="row">{words.channel[one.channel] ?? one.channel}</th>
                <td>{titles.queues.get(one.queue ?? "") ?? one.queue}</td>
                <td>{one.language ?? ""}</td>
                <td className="number">{one.since == null ? "" : clock(now - one.since)}</td>
                <td>
                  <div className="row">
                    <Choice
                      label={`${words.work.toQueue}: ${one.id}`}
                      hideLabel
                      options={titles.queues}
                      value={null}
                      placeholder={words.work.toQueue}
                      onChange={(queue) => order(`/contacts/${one.id}/send-to-queue`, { queue })}
                    />
                    <Push aria-label={`${words.board.why}: ${one.id}`} onPress={() => explain(one.id)}>
                      {words.board.why}
                    </Push>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {why === undefined ? null : (
        <Explanation why={why} titles={titles} />
      )}
    </div>
  );
}

function Explanation({ why: { told }, titles }: { readonly why: Why; readonly titles: Titles }): ReactNode {
  const { words } = useTongue();
  return (
    <section className="card" aria-label={words.board.why} role="status">
      <h2>{words.board.why}</h2>
      <dl className="facts">
        <dt>{words.story.why}</dt>
        <dd>
          {titles.queues.get(told.queue) ?? told.queue}
          {told.open ? "" : ` (${words.board.closed})`}
        </dd>
        <dt>{words.board.place}</dt>
        <dd className="number">{told.position}</dd>
        <dt>{words.board.waited}</dt>
        <dd className="number">{clock(told.waited)}</dd>
        <dt>{words.story.needs}</dt>
        <dd>{told.needs.map((need) => `${need.skill} ≥ ${need.level}`).join(", ") || "–"}</dd>
      </dl>
      <ul className="listed">
        {told.agents.map((one) => (
          <li key={one.agent}>
            <strong>{one.agent}</strong> {words.causes[one.cause]}
            {(one.missing ?? []).length === 0 ? "" : `: ${(one.missing ?? []).map((need) => need.skill).join(", ")}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
