/** What all agents are told, or those of a queue: written here, shown on their desks until it is read or over. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import { useLevel } from "../api/level";
import type { Notices as NoticesView } from "../api/types";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { named } from "../ui/named";
import { useTongue } from "../words";
import { NOTICES, type Titles } from "./house";

const ALL = " all";

export function Notices({ titles }: { readonly titles: Titles }): ReactNode {
  const { words, locale } = useTongue();
  const level = useLevel<NoticesView>(() => NOTICES);
  const doing = useDoing();
  const [text, setText] = useState("");
  const [queue, setQueue] = useState(ALL);
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const post = (): void => {
    const queues = queue === ALL ? [] : [queue];
    void doing
      .run(() => act("POST", "/notices", { text, queues }))
      .then((granted) => {
        if (granted) setText("");
        level.look();
      });
  };
  return (
    <div className="board">
      <section className="card" aria-label={words.lead.tell}>
        <h2>{words.lead.tell}</h2>
        <Field label={words.lead.message} value={text} onChange={setText} lines={3} />
        <Choice label={words.lead.toWhom} options={[[ALL, words.lead.everybody], ...titles.queues]} value={queue} onChange={setQueue} />
        <div className="row">
          <Push look="main" isDisabled={doing.busy || text.trim() === ""} onPress={post}>
            {words.lead.tellNow}
          </Push>
        </div>
        <Trouble text={doing.trouble} />
      </section>
      <ul className="listed">
        {(level.seen?.notices ?? []).map((one) => (
          <li key={one.notice} className="card">
            <p dir="auto" className="said">
              {one.text}
            </p>
            <p className="faint">
              {named(one.queues ?? [], titles.queues) || words.lead.everybody} · {words.lead.until} {time.format(one.until * 1000)} · {words.lead.read}:{" "}
              {(one.readers ?? []).join(", ") || "–"}
            </p>
            <div className="row">
              <Push onPress={() => void doing.run(() => act("DELETE", `/notices/${one.notice}`)).then(level.look)}>{words.lead.takeBack}</Push>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
