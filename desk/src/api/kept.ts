/** What is being written and was not sent: the engine keeps it, so that nothing is lost by a reload, a call or a hand-over. */

import { useEffect, useReducer, useRef, useState, type Dispatch, type SetStateAction } from "react";

import { act, get } from "./client";

const EVERY_MS = 1500;

/** How a value is read from what the engine has, and how it is put there. */
export interface Keeping<Value, View> {
  readonly nothing: Value;
  readonly from: (view: View) => Value;
  readonly to: (value: Value) => object;
}

/** Like a state, kept under a path: a moment after each change, and when the page goes. */
export function useKept<Value, View>(path: string, keeping: Keeping<Value, View>): [Value, Dispatch<SetStateAction<Value>>] {
  const [value, setValue] = useState(keeping.nothing);
  /** What the engine has; null until that is known. */
  const [kept, setKept] = useState<{ readonly value: Value } | null>(null);
  const [tries, tryAgain] = useReducer((count: number) => count + 1, 0);
  const unkept = useRef<{ readonly value: Value } | null>(null);
  unkept.current = kept === null || kept.value === value ? null : { value };

  useEffect(() => {
    void get<View>(path).then(
      (view) => {
        const found = keeping.from(view);
        setKept({ value: found });
        setValue((written) => (written === keeping.nothing ? found : written));
      },
      () => undefined,
    );
  }, [path]);
  useEffect(() => {
    if (kept === null || kept.value === value) return;
    const timer = setTimeout(() => {
      void act("PUT", path, keeping.to(value)).then(() => setKept({ value }), tryAgain);
    }, EVERY_MS);
    return () => clearTimeout(timer);
  }, [path, value, kept, tries]);
  useEffect(() => {
    const leave = (): void => {
      if (unkept.current !== null) void act("PUT", path, keeping.to(unkept.current.value)).catch(() => undefined);
    };
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [path]);
  return [value, setValue];
}
