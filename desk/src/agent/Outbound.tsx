/** Calling somebody of one's own accord: the agent's phone rings first, then the other's. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import type { AgentView } from "../api/types";
import { People } from "../console/People";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { KEYS } from "../ui/keys";
import { useWords } from "../words";

export function Outbound({ agent, onDone }: { readonly agent: AgentView; readonly onDone: () => void }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [open, setOpen] = useState(false);
  const [number, setNumber] = useState("");
  const call = (to: Readonly<Record<string, string>>): void => {
    void doing.run(() => act("POST", `/agents/${agent.id}/call`, { to })).then((done) => {
      if (done) setOpen(false);
      onDone();
    });
  };
  return (
    <div className="column">
      <Push shortcut={KEYS.call} aria-expanded={open} onPress={() => setOpen(!open)}>
        {words.work.call}
      </Push>
      {open ? (
        <>
          <People onChoose={(person) => call({ person: person.id })} hint={words.people.hintIdle} autoFocus />
          <form
            className="row"
            onSubmit={(event) => {
              event.preventDefault();
              call({ number: number.trim() });
            }}
          >
            <Field label={words.work.number} value={number} onChange={setNumber} />
            <Push type="submit" look="main" isDisabled={doing.busy || number.trim() === ""}>
              {words.work.call}
            </Push>
          </form>
          <Trouble text={doing.trouble} />
        </>
      ) : null}
    </div>
  );
}
