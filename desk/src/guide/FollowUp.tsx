/** What is left for a department to do: where it goes, how that stands just now, and what they are to know. */

import { useEffect, useState, type ReactNode } from "react";

import { get } from "../api/client";
import type { Choices, ContactView } from "../api/types";
import { Choice, Field, Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";

/** What is to be done, and by whom. */
export interface Left {
  readonly queue: string;
  readonly text: string;
}

interface FollowUpProps {
  readonly contact: ContactView;
  /** The queues of the department whose matter it is, with their names. */
  readonly queues: readonly (readonly [string, string])[];
  readonly left: Left;
  readonly onChange: (left: Left) => void;
}

export function FollowUp({ contact, queues, left, onChange }: FollowUpProps): ReactNode {
  const { words } = useTongue();
  const said = words.guide.followUp;
  if (queues.length === 0) return <p className="banner">{said.nowhere}</p>;
  return (
    <div className="column">
      <Choice label={said.to} options={queues} value={left.queue === "" ? null : left.queue} onChange={(queue) => onChange({ ...left, queue })} placeholder={words.wrapUp.choose} />
      {left.queue === "" ? null : <Standing key={left.queue} contact={contact} queue={left.queue} />}
      <Field label={said.what} value={left.text} onChange={(text) => onChange({ ...left, text })} lines={3} required />
    </div>
  );
}

/** How it is there: nobody is to believe that somebody looks at it tonight. */
function Standing({ contact, queue }: { readonly contact: ContactView; readonly queue: string }): ReactNode {
  const { words, locale } = useTongue();
  const { run, trouble } = useDoing();
  const [there, setThere] = useState<Choices["queues"][number]>();
  useEffect(() => {
    void run(async () => setThere((await get<Choices>(`/contacts/${contact.id}/queues?queue=${encodeURIComponent(queue)}`)).queues[0]));
  }, [contact.id, queue]);
  const said = words.guide.followUp;
  const time = new Intl.DateTimeFormat(locale, { weekday: "long", hour: "2-digit", minute: "2-digit" });
  const changes = there?.changes_at == null ? "" : time.format(there.changes_at * 1000);
  return (
    <>
      {there === undefined ? null : (
        <p className="faint">
          {there.open ? said.open(changes) : said.closed(changes)} {said.waiting(there.waiting)} {said.how}
        </p>
      )}
      <Trouble text={trouble} />
    </>
  );
}
