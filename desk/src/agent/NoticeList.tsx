/** What those who lead tell, and what colleagues write to this agent alone: on the desk until it is read or over. */

import type { ReactNode } from "react";

import { act } from "../api/client";
import type { NoticeView } from "../api/types";
import { Push, Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";

interface NoticeProps {
  readonly agent: string;
  readonly notices: readonly NoticeView[];
  readonly onDone: () => void;
}

export function NoticeList({ agent, notices, onDone }: NoticeProps): ReactNode {
  const words = useWords();
  const doing = useDoing();
  return (
    <>
      <div role="status" className="notices">
        {notices.map((one) => (
          <section key={one.notice} className="card notice" aria-label={one.by ? `${words.guide.note.from} ${one.writer}` : words.lead.news}>
            {one.by ? (
              <p className="faint">
                {words.guide.note.from} <bdi>{one.writer}</bdi>
              </p>
            ) : null}
            <p dir="auto" className="said">
              {one.text}
            </p>
            <div className="row">
              <Push onPress={() => void doing.run(() => act("POST", `/notices/${one.notice}/read`, { agent })).then(onDone)}>{words.lead.seen}</Push>
            </div>
          </section>
        ))}
      </div>
      <Trouble text={doing.trouble} />
    </>
  );
}
