/** What an agent's desk looks at: the agent, the contacts in hand or offered, and the words of the house. */

import { get } from "../api/client";
import type { Source } from "../api/level";
import type { ConfigurationView, DeskView, FormView, FormViews, Links, Queues, Reasons } from "../api/types";

export function deskOf(agent: string): Source<DeskView> {
  return {
    look: () => get<DeskView>(`/agents/${agent}/desk`),
    concerns: (happening) => happening.agent === agent || (happening.type.startsWith("notice.") && "soon"),
    paceMs: 50,
  };
}

/** Words that the configuration gives to things. */
export interface HouseWords {
  readonly queues: ReadonlyMap<string, string>;
  readonly pauses: ReadonlyMap<string, string>;
  readonly skills: ReadonlyMap<string, string>;
  readonly reasons: Reasons;
  /** Forms that can be filled in for somebody; none where none are configured. */
  readonly forms: readonly FormView[];
  /** Queue to where to read on about what it is for. */
  readonly links: Links["queues"];
}

export async function houseWords(): Promise<HouseWords> {
  const [queues, configuration, reasons, { forms }, links] = await Promise.all([
    get<Queues>("/queues"),
    get<ConfigurationView>("/configuration"),
    get<Reasons>("/reasons"),
    get<FormViews>("/forms").catch(() => ({ forms: [] })), // a house without forms has nobody who answers
    get<Links>("/links"),
  ]);
  return {
    queues: new Map(queues.queues.map((queue) => [queue.id, queue.title])),
    pauses: new Map(Object.entries(configuration.pauses)),
    skills: new Map(Object.entries(configuration.skills)),
    reasons,
    forms,
    links: links.queues,
  };
}
