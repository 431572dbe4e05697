/** What a supervisor looks at: figures of this moment and of today, and how the agents are. */

import { get } from "../api/client";
import type { Source } from "../api/level";
import type {
  AgentView,
  Agents,
  Alarms,
  ConfigurationView,
  Contacts,
  ContactView,
  Crises,
  Helps,
  Live,
  Notices,
  Queues,
  QueueView,
  Todays,
  TodayView,
} from "../api/types";

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

/** Calls that an agent has. */
export const TALKS: Source<readonly ContactView[]> = {
  look: async () => {
    const { contacts } = await get<Contacts>("/contacts?state=connected&limit=500");
    return contacts.filter((one) => one.channel === "call" || one.channel === "callback");
  },
  concerns: (happening) => /^(contact|offer|listener|help)\./.test(happening.type),
  paceMs: PACE_MS,
};

export interface QueuesView {
  readonly queues: readonly QueueView[];
  readonly today: readonly TodayView[];
}

export const QUEUES: Source<QueuesView> = {
  look: async () => {
    const [{ queues }, { queues: today }] = await Promise.all([get<Queues>("/queues"), get<Todays>("/today")]);
    return { queues, today };
  },
  concerns: () => true,
  paceMs: PACE_MS,
};

export const NOTICES: Source<Notices> = {
  look: () => get<Notices>("/notices"),
  concerns: (happening) => happening.type.startsWith("notice."),
};

export const ALARMS: Source<Alarms> = {
  look: () => get<Alarms>("/alarms"),
  concerns: (happening) => /^(alarm|house)\./.test(happening.type),
};

export const CRISES: Source<Crises> = {
  look: () => get<Crises>("/crises"),
  concerns: (happening) => /^(crisis|house)\./.test(happening.type),
};

export interface Titles {
  readonly queues: ReadonlyMap<string, string>;
  readonly skills: ReadonlyMap<string, string>;
  readonly pauses: ReadonlyMap<string, string>;
}

export async function titles(): Promise<Titles> {
  const [queues, configuration] = await Promise.all([get<Queues>("/queues"), get<ConfigurationView>("/configuration")]);
  return {
    queues: new Map(queues.queues.map((queue) => [queue.id, queue.title])),
    skills: new Map(Object.entries(configuration.skills)),
    pauses: new Map(Object.entries(configuration.pauses)),
  };
}
