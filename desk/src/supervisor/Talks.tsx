/** Talks that go on, and listening to them: heard by nobody, by the agent alone, or by all. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import { useLevel } from "../api/level";
import type { ContactView } from "../api/types";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { clock, useWords } from "../words";
import { TALKS, type Titles } from "./house";

const KEPT = "vaxel.listening-phone";
const MODES = ["listen", "whisper", "barge"] as const;

export function Talks({ titles }: { readonly titles: Titles }): ReactNode {
  const words = useWords();
  const talks = useLevel<readonly ContactView[]>(() => TALKS);
  const doing = useDoing();
  const now = useNow();
  const [phone, setPhone] = useState(() => localStorage.getItem(KEPT) ?? "");
  if (talks.seen === undefined) return <p className="banner">{words.house.loading}</p>;
  const order = (work: () => Promise<unknown>): void => {
    void doing.run(work).then(talks.look);
  };
  const keep = (text: string): void => {
    localStorage.setItem(KEPT, text.trim());
    setPhone(text);
  };

  return (
    <div className="board">
      <div className="narrow">
        <Field label={words.lead.myPhone} value={phone} onChange={keep} />
      </div>
      <p className="faint">{words.lead.kept}</p>
      <Trouble text={doing.trouble} />
      {talks.seen.length === 0 ? <p>{words.lead.noTalks}</p> : null}
      {talks.seen.length === 0 ? null : (
        <table>
          <caption className="unseen">{words.lead.talks}</caption>
          <thead>
            <tr>
              <th scope="col">{words.board.agent}</th>
              <th scope="col">{words.story.why}</th>
              <th scope="col">{words.lead.duration}</th>
              <th scope="col">{words.lead.listening}</th>
            </tr>
          </thead>
          <tbody>
            {talks.seen.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  {one.agent} {one.help_since == null ? null : <span className="badge warn">{words.work.helpWanted}</span>}
                </th>
                <td>{titles.queues.get(one.queue ?? "") || one.queue}</td>
                <td className="number">{one.since == null ? "" : clock(now - one.since)}</td>
                <td>
                  <div className="row">
                    {one.listener == null ? null : (
                      <span className="badge good">{one.listener.state === "ringing" ? words.work.connecting : words.lead.modes[one.listener.mode]}</span>
                    )}
                    {MODES.filter((mode) => mode !== one.listener?.mode).map((mode) => (
                      <Push
                        key={mode}
                        aria-label={`${words.lead.modes[mode]}: ${one.agent}`}
                        isDisabled={one.listener == null && phone.trim() === ""}
                        onPress={() =>
                          order(() => act("POST", `/contacts/${one.id}/listen`, { mode, ...(one.listener == null ? { phone: phone.trim() } : {}) }))
                        }
                      >
                        {words.lead.modes[mode]}
                      </Push>
                    ))}
                    {one.listener == null ? null : (
                      <Push look="danger" aria-label={`${words.lead.stop}: ${one.agent}`} onPress={() => order(() => act("DELETE", `/contacts/${one.id}/listen`))}>
                        {words.lead.stop}
                      </Push>
                    )}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
