/** Who waits, the longest first; who goes first, to whom, and into which other line. */

import { useEffect, useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import { useNow } from "../api/clock";
import { useLevel } from "../api/level";
import type { Agents, ContactView, WhyWaiting } from "../api/types";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { named } from "../ui/named";
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
  const [urged, urge] = useState("");
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
                <th scope="row">
                  {words.channel[one.channel] ?? one.channel}
                  {one.first === true ? <span className="badge warn">{words.lead.first}</span> : null}
                  {one.factor === undefined || one.factor === 1 ? null : <span className="badge">×{one.factor}</span>}
                  {one.preferred ? <span className="badge">→ {one.preferred}</span> : null}
                </th>
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
                    <Push aria-label={`${words.lead.urgency}: ${one.id}`} onPress={() => urge(one.id)}>
                      {words.lead.urgency}
                    </Push>
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
      {urged === "" ? null : (
        <Urgency
          key={urged}
          contact={urged}
          onDone={() => {
            urge("");
            line.look();
          }}
        />
      )}
      {why === undefined ? null : (
        <Explanation why={why} titles={titles} />
      )}
    </div>
  );
}

const FACTORS = ["first", "10", "3", "1", "0.3"] as const;

/** Lets one go before others, or to somebody in particular. */
function Urgency({ contact, onDone }: { readonly contact: string; readonly onDone: () => void }): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const [factor, setFactor] = useState<(typeof FACTORS)[number]>("first");
  const [reason, setReason] = useState("");
  const [agents, setAgents] = useState<readonly string[]>([]);
  useEffect(() => {
    void get<Agents>("/agents?state=ready,reserved,paused,not_responding").then((found) => setAgents(found.agents.map((one) => one.id)), () => undefined);
  }, []);
  const done = (granted: boolean): void => {
    if (granted) onDone();
  };
  const urge = (): void => {
    const body = factor === "first" ? { first: true } : { factor: Number(factor) };
    void doing.run(() => act("POST", `/contacts/${contact}/urgency`, { reason, ...body })).then(done);
  };
  return (
    <section className="card" aria-label={words.lead.urgency}>
      <h2>{words.lead.urgency}</h2>
      <Choice
        label={words.lead.goes}
        options={FACTORS.map((one) => [one, one === "first" ? words.lead.first : one === "1" ? words.lead.asBefore : `×${one}`] as const)}
        value={factor}
        onChange={setFactor}
      />
      <Field label={words.lead.reason} value={reason} onChange={setReason} required />
      <p className="faint">{words.lead.kept}</p>
      <div className="row">
        <Push look="main" isDisabled={doing.busy || reason.trim() === ""} onPress={urge}>
          {words.lead.confirm}
        </Push>
        <Push look="quiet" onPress={onDone}>
          {words.lead.cancel}
        </Push>
      </div>
      {agents.length === 0 ? null : (
        <Choice
          label={words.lead.giveTo}
          options={agents.map((one) => [one, one] as const)}
          value={null}
          placeholder={words.wrapUp.choose}
          onChange={(agent) => void doing.run(() => act("POST", `/contacts/${contact}/assign`, { agent })).then(done)}
        />
      )}
      <Trouble text={doing.trouble} />
    </section>
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
        <dt>{words.lead.urgency}</dt>
        <dd className="number">
          {told.urgency.toFixed(2)}
          {told.first === true ? ` (${words.lead.first})` : told.factor === undefined || told.factor === 1 ? "" : ` (×${told.factor})`}
        </dd>
        <dt>{words.story.needs}</dt>
        <dd>{told.needs.map((need) => `${named([need.skill], titles.skills)} ≥ ${need.level}`).join(", ") || "–"}</dd>
      </dl>
      <ul className="listed">
        {told.agents.map((one) => (
          <li key={one.agent}>
            <strong>{one.agent}</strong> {words.causes[one.cause]}
            {(one.missing ?? []).length === 0 ? "" : `: ${named(
              (one.missing ?? []).map((need) => need.skill),
              titles.skills,
            )}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
