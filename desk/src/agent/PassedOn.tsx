/** Wrapping up contacts that live on elsewhere: they were handed to a queue or put through, and are in nobody's list here. */

import type { ReactNode } from "react";

import type { AgentView, ContactView, WorkView } from "../api/types";
import { Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";
import { Ending, TimeLeft } from "./Ending";

interface PassedOnProps {
  readonly agent: AgentView;
  readonly contacts: readonly ContactView[];
  readonly onDone: () => void;
}

export function PassedOn({ agent, contacts, onDone }: PassedOnProps): ReactNode {
  const own = new Set(contacts.map((one) => one.id));
  const passed = (agent.work ?? []).filter((one) => one.state === "wrapping_up" && !own.has(one.contact));
  return passed.map((one) => <Card key={one.contact} work={one} onDone={onDone} />);
}

function Card({ work, onDone }: { readonly work: WorkView; readonly onDone: () => void }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const title = `${words.work.wrappingUp}: ${words.channel[work.channel] ?? work.channel}`;
  return (
    <section className="card" aria-label={title}>
      <div className="row">
        <h2>{title}</h2>
        <TimeLeft until={work.until} />
      </div>
      <p className="faint">{words.work.passedOn}</p>
      <div className="row">
        <Ending contact={work.contact} doing={doing} whole shortcuts={false} first={nothing} onDone={onDone} />
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}

/** What it was about was said before it was handed on. */
async function nothing(): Promise<void> {}
