/** What an agent's desk looks at: the agent, the contacts in hand or offered, and the words of the house. */

import { get } from "../api/client";
import type { Source } from "../api/level";
import type { ConfigurationView, DeskView, Queues, Reasons } from "../api/types";

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
  readonly reasons: Reasons;
}

export async function houseWords(): Promise<HouseWords> {
  const [queues, configuration, reasons] = await Promise.all([
    get<Queues>("/queues"),
    get<ConfigurationView>("/configuration"),
    get<Reasons>("/reasons"),
  ]);
  return {
    queues: new Map(queues.queues.map((queue) => [queue.id, queue.title])),
    pauses: new Map(Object.entries(configuration.pauses)),
    reasons,
  };
}
