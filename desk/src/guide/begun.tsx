/** What has been typed into the panels beside a contact and not been sent: kept by the engine, but for what it must not keep. */

import { createContext, useContext, useState, type Dispatch, type ReactNode, type SetStateAction } from "react";

import type { UnsentView } from "../api/types";
import { useKept, type Keeping } from "../api/kept";

export type Values = Readonly<Record<string, string>>;
type Panels = Readonly<Record<string, Values>>;

const NOTHING: Values = {};
const KEEPING: Keeping<Panels, UnsentView> = {
  nothing: {},
  from: (view) => view.panels ?? {},
  to: (panels) => ({ panels }),
};
const Begun = createContext<readonly [Panels, Dispatch<SetStateAction<Panels>>]>([{}, () => undefined]);

/** What the engine must not keep, by contact and panel: it lives as long as the desk is open. */
export const Unkept = createContext<Map<string, Values>>(new Map());

export function BegunAt({ contact, children }: { readonly contact: string; readonly children: ReactNode }): ReactNode {
  return <Begun value={useKept(`/contacts/${contact}/unsent`, KEEPING)}>{children}</Begun>;
}

/** What has been typed into a panel, how some of it is changed, and how all is forgotten. `unkept` names what is kept nowhere. */
export function useBegun(
  contact: string,
  panel: string,
  unkept: readonly string[] = [],
): readonly [Values, (changed: Values) => void, () => void] {
  const [panels, setPanels] = useContext(Begun);
  const memory = useContext(Unkept);
  const place = `${contact} ${panel}`;
  const [own, setOwn] = useState<Values>(() => memory.get(place) ?? NOTHING);
  const remember = (values: Values): void => {
    memory.set(place, values);
    setOwn(values);
  };
  const change = (changed: Values): void => {
    const [mine, theirs] = parted(changed, unkept);
    if (mine !== NOTHING) remember({ ...own, ...mine });
    if (theirs !== NOTHING) setPanels((before) => ({ ...before, [panel]: { ...before[panel], ...theirs } }));
  };
  const forget = (): void => {
    remember(NOTHING);
    setPanels((before) => Object.fromEntries(Object.entries(before).filter(([name]) => name !== panel)));
  };
  return [{ ...panels[panel], ...own }, change, forget];
}

/** Values that have one of the names, and the others. */
function parted(values: Values, names: readonly string[]): readonly [Values, Values] {
  const part = (within: boolean): Values => {
    const found = Object.entries(values).filter(([name]) => names.includes(name) === within);
    return found.length === 0 ? NOTHING : Object.fromEntries(found);
  };
  return [part(true), part(false)];
}
