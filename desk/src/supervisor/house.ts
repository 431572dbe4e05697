/** What a supervisor looks at: figures of this moment and of today, and how the agents are. */

import { get } from "../api/client";
import type { Source } from "../api/level";
import type { AgentView, Agents, ConfigurationView, Contacts, ContactView, Helps, Live, Queues } from "../api/types";

/** Figures are told anew within a second (`web/queues.py`). */
const PACE_MS = 500;
const AGE_MS = 1100;

export interface FloorView {
  readonly live: Live;
  readonly agents: readonly AgentView[];
  readonly helps: Helps["helps"];
}

export const FLOOR: Source<FloorView> = {
  look: async () => {
    const [live, { agents }, { helps }] = await Promise.all([get<Live>("/figures"), get<Agents>("/agents"), get<Helps>("/help")]);
    return { live, agents, helps };
  },
  concerns: () => true,
  paceMs: PACE_MS,
  ageMs: AGE_MS,
};

export const FIGURES: Source<Live> = { look: () => get<Live>("/figures"), concerns: () => true, paceMs: PACE_MS, ageMs: AGE_MS };

/** Those who wait, the longest first. */
export const WAITING: Source<readonly ContactView[]> = {
  look: async () => (await get<Contacts>("/contacts?state=waiting,offered&limit=200")).contacts,
  concerns: (happening) => /^(contact|offer|callback)\./.test(happening.type),
  paceMs: PACE_MS,
};

export interface Titles {
  readonly queues: ReadonlyMap<string, string>;
  readonly pauses: ReadonlyMap<string, string>;
}

export async function titles(): Promise<Titles> {
  const [queues, configuration] = await Promise.all([get<Queues>("/queues"), get<ConfigurationView>("/configuration")]);
  return {
    queues: new Map(queues.queues.map((queue) => [queue.id, queue.title])),
    pauses: new Map(Object.entries(configuration.pauses)),
  };
}
