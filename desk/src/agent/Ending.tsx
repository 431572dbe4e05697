/** How long a wrap-up still takes, and what ends it or makes it longer. */

import type { ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import { Push, type Doing } from "../ui/controls";
import { KEYS } from "../ui/keys";
import { clock, useWords } from "../words";

export function TimeLeft({ until }: { readonly until: number | null | undefined }): ReactNode {
  const words = useWords();
  const now = useNow();
  if (until == null) return null;
  return (
    <span className="badge number" aria-hidden="true">
      {clock(until - now)} {words.wrapUp.left}
    </span>
  );
}

interface EndingProps {
  readonly contact: string;
  readonly doing: Doing;
  /** Nothing is missing that has to be said before. */
  readonly whole: boolean;
  /** Shortcuts press these: there is one such place at most. */
  readonly shortcuts: boolean;
  /** What is to be kept before the end. */
  readonly first: () => Promise<void>;
  readonly onDone: () => void;
}

export function Ending({ contact, doing, whole, shortcuts, first, onDone }: EndingProps): ReactNode {
  const words = useWords();
  const end = async (): Promise<void> => {
    await first();
    await act("POST", `/contacts/${contact}/end-wrap-up`);
  };
  const extend = (): Promise<void> => act("POST", `/contacts/${contact}/extend-wrap-up`);
  const pressed = (what: () => Promise<void>) => (): void => void doing.run(what).then(onDone);
  return (
    <>
      <Push look="main" {...(shortcuts ? { shortcut: KEYS.done } : {})} isDisabled={doing.busy || !whole} onPress={pressed(end)}>
        {words.wrapUp.done}
      </Push>
      <Push {...(shortcuts ? { shortcut: KEYS.extend } : {})} isDisabled={doing.busy} onPress={pressed(extend)}>
        {words.wrapUp.extend}
      </Push>
    </>
  );
}
