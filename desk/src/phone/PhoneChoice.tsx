/** At which phone an agent begins to work. */

import { useEffect, useState, type ReactNode } from "react";

import { get } from "../api/client";
import type { AgentView, PhoneView, Places, PlaceView } from "../api/types";
import { Choice } from "../ui/controls";
import { useWords, type Words } from "../words";

/** The agent's own phone. */
const OWN = "";
/** Before the name of a desk where people come, which has a phone of its own. */
const DESK = "@";

interface PhoneChoiceProps {
  readonly agent: AgentView;
  readonly phones: readonly PhoneView[];
  readonly value: string;
  readonly onChange: (phone: string) => void;
}

export function PhoneChoice({ agent, phones, value, onChange }: PhoneChoiceProps): ReactNode {
  const words = useWords();
  const [places, setPlaces] = useState<readonly PlaceView[]>([]);
  useEffect(() => {
    void get<Places>("/places").then(
      (found) => setPlaces(found.places),
      () => undefined,
    );
  }, []);
  const options = [...choices(agent, phones, words), ...desks(places, words)];
  if (options.length < 2) return null;
  return <Choice label={words.phone.at} options={options} value={value} onChange={onChange} />;
}

/** What was chosen, and how to choose: the agent's own phone at first. */
export function useChosenPhone(): readonly [string, (phone: string) => void] {
  return useState(OWN);
}

/** What is asked for with what was chosen. */
export function chosenAt(chosen: string): { readonly phone?: string; readonly desk?: string } {
  if (chosen === OWN) return {};
  return chosen.startsWith(DESK) ? { desk: chosen.slice(DESK.length) } : { phone: chosen };
}

/** Desks at which nobody sits. */
function desks(places: readonly PlaceView[], words: Words): [string, string][] {
  return places.flatMap((place) =>
    Object.entries(place.desks)
      .filter(([, agent]) => agent === "")
      .map(([desk]): [string, string] => [`${DESK}${place.place}/${desk}`, words.phone.desk(place.title || place.place, desk)]),
  );
}

/**
 * The agent's own phone first, then the page, for which any phone of its kind will do, then desks that are free and the
 * agent's own numbers outside.
 */
function choices(agent: AgentView, phones: readonly PhoneView[], words: Words): [string, string][] {
  const own = phones.find((one) => one.phone === agent.phone);
  const free = phones.filter((one) => one.phone !== agent.phone && (one.agent ?? "") === "" && (one.owner ?? agent.id) === agent.id);
  const page = free.find((one) => one.kind === "browser");
  const named = (one: PhoneView): string => one.title || one.phone;
  const found: [string, string][] = [];
  if (own !== undefined) found.push([OWN, own.kind === "browser" ? words.phone.page : `${words.phone.own} (${named(own)})`]);
  if (page !== undefined && own?.kind !== "browser") found.push([page.phone, words.phone.page]);
  for (const one of free) if (one.kind !== "browser") found.push([one.phone, named(one)]);
  return found;
}
