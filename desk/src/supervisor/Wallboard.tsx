/** The wallboard: each queue and channel that is in use, readable across a room, and anew within a second. */

import type { ReactNode } from "react";

import { useNow } from "../api/clock";
import { useLevel } from "../api/level";
import type { ChannelOfQueue, GroupNow, Live, QueueNow } from "../api/types";
import { clock, useTongue } from "../words";
import { FIGURES, type Titles } from "./house";

/** The formula of the service level that is shown (docs/metrics.md). */
const FORMULA = "of_all_but_short";

interface Row {
  readonly key: string;
  readonly queue: string;
  readonly channel: string;
  readonly of: QueueNow;
  readonly now: ChannelOfQueue;
}

export function Wallboard({ titles }: { readonly titles: Titles }): ReactNode {
  const { words } = useTongue();
  const { seen, live } = useLevel<Live>(() => FIGURES);
  if (seen === undefined) return <p className="banner">{words.house.loading}</p>;
  return (
    <>
      {live ? null : (
        <p className="banner" role="status">
          {words.house.lost}
        </p>
      )}
      <Figures live={seen} titles={titles} />
    </>
  );
}

function Figures({ live, titles }: { readonly live: Live; readonly titles: Titles }): ReactNode {
  const { words, locale } = useTongue();
  const now = useNow();
  const rows = rowsOf(live, titles);
  const spoken = new Intl.DisplayNames(locale, { type: "language" });
  const tongues = (id: string): string => (id === "" ? words.lead.houseLanguage : (spoken.of(id) ?? id));
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  return (
    <div className="board">
      <Totals live={live} />
      <table>
        <caption className="unseen">{words.board.title}</caption>
        <thead>
          <tr>
            <th scope="col">{words.story.why}</th>
            <th scope="col">{words.board.channel}</th>
            <th scope="col">{words.board.waiting}</th>
            <th scope="col">{words.board.longest}</th>
            <th scope="col">{words.board.expected}</th>
            <th scope="col">{words.board.level}</th>
            <th scope="col">{words.board.answered}</th>
            <th scope="col">{words.board.abandoned}</th>
            <th scope="col">{words.board.available}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, queue, channel, of, now: here }) => {
            const longest = here.longest_wait === null ? null : here.longest_wait + (now - live.at);
            const level = here.today.service_level[FORMULA] ?? null;
            return (
              <tr key={key} className={of.open ? "" : "closed"}>
                <th scope="row">
                  {queue}
                  {of.open ? null : <span className="badge">{words.board.closed}</span>}
                </th>
                <td>{words.channel[channel] ?? channel}</td>
                <td className="number">{waiting(here)}</td>
                <td className={`number ${longest !== null && longest > of.target_wait ? "bad" : ""}`}>{longest === null ? "–" : clock(longest)}</td>
                <td className="number">{here.expected_wait === null ? "–" : `${clock(here.expected_wait.low)}–${clock(here.expected_wait.high)}`}</td>
                <td className={`number ${level !== null && level < of.target_share ? "bad" : ""}`}>
                  {level === null ? "–" : `${percent.format(level)} / ${percent.format(of.target_share)}`}
                </td>
                <td className="number">{here.today.answered}</td>
                <td className="number">{here.today.abandoned}</td>
                <td className={`number ${of.open && here.available_agents === 0 ? "bad" : ""}`}>{here.available_agents}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <div className="groups">
        <Groups title={words.story.language} groups={live.languages ?? {}} names={tongues} now={now - live.at} />
        <Groups title={words.work.place} groups={live.places ?? {}} names={(id) => id} now={now - live.at} />
      </div>
    </div>
  );
}

interface GroupsProps {
  readonly title: string;
  readonly groups: Readonly<Record<string, GroupNow>>;
  readonly names: (id: string) => string;
  /** Seconds since the figures were told. */
  readonly now: number;
}

/** Those who have something in common, whatever queue they are in. */
function Groups({ title, groups, names, now }: GroupsProps): ReactNode {
  const { words } = useTongue();
  const rows = Object.entries(groups).filter(([, one]) => one.waiting > 0 || one.served > 0);
  if (rows.length === 0) return null;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{words.board.waiting}</th>
          <th scope="col">{words.board.longest}</th>
          <th scope="col">{words.lead.served}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([id, one]) => (
          <tr key={id}>
            <th scope="row">{names(id)}</th>
            <td className="number">{one.waiting}</td>
            <td className="number">{one.longest_wait === null ? "–" : clock(one.longest_wait + now)}</td>
            <td className="number">{one.served}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Totals({ live }: { readonly live: Live }): ReactNode {
  const { words } = useTongue();
  const all = Object.values(live.queues).flatMap((queue) => Object.values(queue.channels));
  const tiles = [
    [words.board.waiting, all.reduce((sum, one) => sum + waiting(one), 0)],
    [words.state.ready, live.agents["ready"] ?? 0],
    [words.state.paused, live.agents["paused"] ?? 0],
    [words.state.not_responding, live.agents["not_responding"] ?? 0],
    [words.work.helpWanted, live.help_wanted ?? 0],
  ] as const;
  return (
    <dl className="tiles">
      {tiles.map(([label, value]) => (
        <div key={label} className="tile">
          <dt>{label}</dt>
          <dd className="number">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Queues and channels in which something is or was to be seen today; open ones always with their calls. */
function rowsOf(live: Live, titles: Titles): readonly Row[] {
  return Object.entries(live.queues)
    .flatMap(([queue, of]) =>
      Object.entries(of.channels)
        .filter(([channel, now]) => now.today.arrived > 0 || waiting(now) > 0 || (channel === "call" && of.open))
        .map(([channel, now]) => ({ key: `${queue}/${channel}`, queue: titles.queues.get(queue) ?? queue, channel, of, now })),
    )
    .sort((a, b) => waiting(b.now) - waiting(a.now) || a.queue.localeCompare(b.queue) || a.channel.localeCompare(b.channel));
}

function waiting(here: ChannelOfQueue): number {
  return (here.contacts["waiting"] ?? 0) + (here.contacts["offered"] ?? 0);
}
