/** How an agent is, in a word. */

import type { ReactNode } from "react";

import type { AgentView } from "../api/types";
import { useWords } from "../words";

type State = AgentView["state"] | "busy";

const LOOKS: Partial<Record<State, string>> = { ready: "good", not_responding: "warn", paused: "warn" };

/** Ready with so much in hand that nothing more is offered is busy. */
export function stateOf({ state, room = [], work = [] }: AgentView): State {
  return state === "ready" && room.length === 0 && work.length > 0 ? "busy" : state;
}

export function AgentState({ agent, pauses }: { readonly agent: AgentView; readonly pauses: ReadonlyMap<string, string> }): ReactNode {
  const words = useWords();
  const state = stateOf(agent);
  const pause = agent.state === "paused" && agent.pause ? pauses.get(agent.pause) : undefined;
  return <span className={`badge ${LOOKS[state] ?? ""}`}>{pause || words.state[state]}</span>;
}
