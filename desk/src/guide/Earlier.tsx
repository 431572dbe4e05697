/** What was written before, in the conversation that this one goes on with: one contact further back at each press. */

import { useState, type ReactNode } from "react";

import { get } from "../api/client";
import type { Messages } from "../api/types";
import { Push, Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";

interface EarlierProps {
  readonly contact: string;
  /** The contact before this one; empty for none. */
  readonly follows: string;
  readonly children: (shown: Messages) => ReactNode;
}

/** Each look is in the access log: nothing is fetched before somebody asks for it. */
export function Earlier({ contact, follows, children }: EarlierProps): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [shown, setShown] = useState<readonly Messages[]>([]);
  const next = shown[0] === undefined ? follows : (shown[0].follows ?? "");
  const fetchOne = (): void => {
    void doing.run(async () => {
      const before = await get<Messages>(`/contacts/${contact}/messages?of=${encodeURIComponent(next)}`);
      setShown([before, ...shown]);
    });
  };
  return (
    <>
      {next === "" ? null : (
        <Push look="quiet" isDisabled={doing.busy} onPress={fetchOne}>
          {words.guide.earlier.show}
        </Push>
      )}
      <Trouble text={doing.trouble} />
      {shown.map((one) => (
        <section key={one.contact} className="earlier" aria-label={words.guide.earlier.title}>
          {children(one)}
        </section>
      ))}
      {shown.length === 0 ? null : <p className="faint">{words.guide.earlier.now}</p>}
    </>
  );
}
