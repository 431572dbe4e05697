/** Queues that are opened or closed for today, whatever their hours say. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import { useLevel } from "../api/level";
import type { QueueView } from "../api/types";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";
import { QUEUES, type QueuesView } from "./house";

export function QueuesToday(): ReactNode {
  const { words, locale } = useTongue();
  const level = useLevel<QueuesView>(() => QUEUES);
  const doing = useDoing();
  const [chosen, choose] = useState<QueueView>();
  if (level.seen === undefined) return <p className="banner">{words.house.loading}</p>;
  const { queues, today } = level.seen;
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const order = (work: () => Promise<unknown>): void => {
    void doing.run(work).then(level.look);
  };

  return (
    <div className="board">
      {chosen === undefined ? null : (
        <Change
          key={chosen.id}
          queue={chosen}
          onDone={() => {
            choose(undefined);
            level.look();
          }}
        />
      )}
      <Trouble text={doing.trouble} />
      <table>
        <caption className="unseen">{words.lead.queues}</caption>
        <thead>
          <tr>
            <th scope="col">{words.story.why}</th>
            <th scope="col">{words.lead.status}</th>
            <th scope="col">{words.board.waiting}</th>
            <th scope="col">{words.state.ready}</th>
            <th scope="col">{words.board.change}</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => {
            const set = today.find((one) => one.queue === queue.id);
            const title = queue.title || queue.id;
            return (
              <tr key={queue.id} className={queue.open ? "" : "closed"}>
                <th scope="row">{title}</th>
                <td>
                  <span className={`badge ${queue.open ? "good" : ""}`}>{queue.open ? words.lead.open : words.board.closed}</span>
                  {set === undefined ? null : (
                    <span className="faint">
                      {" "}
                      {words.lead.until} {time.format(set.until * 1000)}: <bdi>{set.reason}</bdi>
                    </span>
                  )}
                </td>
                <td className="number">{queue.waiting}</td>
                <td className="number">{queue.agents.ready}</td>
                <td>
                  <div className="row">
                    <Push aria-label={`${queue.open ? words.lead.close : words.lead.openNow}: ${title}`} onPress={() => choose(queue)}>
                      {queue.open ? words.lead.close : words.lead.openNow}
                    </Push>
                    {set === undefined ? null : (
                      <Push aria-label={`${words.lead.asConfigured}: ${title}`} onPress={() => order(() => act("DELETE", `/queues/${queue.id}/today`))}>
                        {words.lead.asConfigured}
                      </Push>
                    )}
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Change({ queue, onDone }: { readonly queue: QueueView; readonly onDone: () => void }): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const [reason, setReason] = useState("");
  const title = `${queue.open ? words.lead.close : words.lead.openNow}: ${queue.title || queue.id}`;
  const save = (): void => {
    void doing.run(() => act("POST", `/queues/${queue.id}/today`, { open: !queue.open, reason })).then((granted) => granted && onDone());
  };
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <p className="faint">{words.lead.todayOnly}</p>
      <Field label={words.lead.reason} value={reason} onChange={setReason} required autoFocus />
      <div className="row">
        <Push look="main" isDisabled={doing.busy || reason.trim() === ""} onPress={save}>
          {words.lead.confirm}
        </Push>
        <Push look="quiet" onPress={onDone}>
          {words.lead.cancel}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}
