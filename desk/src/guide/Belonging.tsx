/** To whom and what a contact belongs: joined with a matter or a person, and parted again. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import type { ContactView, PeoplePersonView } from "../api/types";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";

const WAYS = ["reference", "number", "address"] as const;
type Way = (typeof WAYS)[number];

interface BelongingProps {
  readonly contact: ContactView;
  readonly person: PeoplePersonView;
  readonly onDone: () => void;
}

export function Belonging({ contact, person, onDone }: BelongingProps): ReactNode {
  const { belonging: words } = useWords().guide;
  const doing = useDoing();
  const [open, setOpen] = useState(false);
  const [way, setWay] = useState<Way>("reference");
  const [written, setWritten] = useState("");
  const order = (verb: "join" | "part", body: unknown = {}): void => {
    void doing.run(() => act("POST", `/contacts/${contact.id}/${verb}`, body)).then((done) => {
      if (done) onDone();
    });
  };
  const joined = (person.addresses ?? 0) > 1;
  return (
    <>
      <Push look="quiet" aria-expanded={open} onPress={() => setOpen(!open)}>
        {words.open}
      </Push>
      {open ? (
        <div className="column">
          <Choice label={words.by} options={WAYS.map((one) => [one, words.ways[one]] as const)} value={way} onChange={setWay} />
          <Field label={words.ways[way]} value={written} onChange={setWritten} type={{ reference: "text", number: "tel", address: "email" }[way]} />
          <p className="faint">{words.means[way]}</p>
          <div className="row">
            <Push look="main" isDisabled={doing.busy || written.trim() === ""} onPress={() => order("join", { [way]: written.trim() })}>
              {words.join}
            </Push>
            {joined ? (
              <Push isDisabled={doing.busy} onPress={() => order("part")}>
                {words.part}
              </Push>
            ) : null}
          </div>
          {joined ? <p className="faint">{words.known(person.addresses ?? 0)}</p> : null}
          <Trouble text={doing.trouble} />
        </div>
      ) : null}
    </>
  );
}
