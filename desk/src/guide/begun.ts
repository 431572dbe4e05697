/** What has been typed into forms and not been sent: kept while the desk is open, for whoever turns to another contact meanwhile. */

import { createContext, useContext, useState } from "react";

export type Values = Readonly<Record<string, string>>;

export const Begun = createContext<Map<string, Values>>(new Map());

/** What has been typed under a name, and how to type on; nothing forgets it. */
export function useBegun(name: string): readonly [Values, (values: Values) => void, () => void] {
  const begun = useContext(Begun);
  const [values, setValues] = useState<Values>(() => begun.get(name) ?? {});
  const type = (typed: Values): void => {
    begun.set(name, typed);
    setValues(typed);
  };
  const forget = (): void => {
    begun.delete(name);
    setValues({});
  };
  return [values, type, forget];
}
