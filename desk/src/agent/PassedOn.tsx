/** Wrapping up contacts that live on elsewhere: they were handed to a queue or put through, and are in nobody's list here. */

import type { ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import type { AgentView, ContactView, WorkView } from "../api/types";
import { Push, Trouble, useDoing } from "../ui/controls";
import { clock, useWords } from "../words";

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
  const now = useNow();
  const title = `${words.work.wrappingUp}: ${words.channel[work.channel] ?? work.channel}`;
  const order = (verb: string): void => {
    void doing.run(() => act("POST", `/contacts/${work.contact}/${verb}`)).then(onDone);
  };
  return (
    <section className="card" aria-label={title}>
      <div className="row">
        <h2>{title}</h2>
        {work.until == null ? null : (
          <span className="badge number" aria-hidden="true">
            {clock(work.until - now)} {words.wrapUp.left}
          </span>
        )}
      </div>
      <p className="faint">{words.work.passedOn}</p>
      <div className="row">
        <Push look="main" isDisabled={doing.busy} onPress={() => order("end-wrap-up")}>
          {words.wrapUp.done}
        </Push>
        <Push isDisabled={doing.busy} onPress={() => order("extend-wrap-up")}>
          {words.wrapUp.extend}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}
