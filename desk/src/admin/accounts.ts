/** What an administrator asks of Vaxel: who may sign in, and what people did. */

import { act, get } from "../api/client";
import type { Accounts, AccountView, FirstPassword, Lines, OwnSessions } from "../api/types";

export type Duty = AccountView["duty"];

export const DUTIES: readonly Duty[] = ["guide", "specialist", "operator", "supervisor", "coordinator", "administrator"];

/** Duties of somebody who answers, and so is an agent. */
export const AT_A_DESK: readonly Duty[] = ["guide", "specialist"];

/** Duties that departments bind. */
export const BOUND: readonly Duty[] = ["operator", "supervisor", "coordinator"];

export interface Draft {
  readonly name: string;
  readonly title: string;
  readonly duty: Duty;
  readonly agent: string;
  readonly departments: readonly string[];
}

export const EMPTY: Draft = { name: "", title: "", duty: "guide", agent: "", departments: [] };

export function accounts(): Promise<Accounts> {
  return get("/accounts");
}

export function add(draft: Draft): Promise<FirstPassword> {
  return act("POST", "/accounts", fitting(draft));
}

export function change(draft: Draft): Promise<AccountView> {
  const { name, ...rest } = fitting(draft);
  return act("PUT", `/accounts/${name}`, rest);
}

export function newPassword(name: string): Promise<FirstPassword> {
  return act("POST", `/accounts/${name}/password`);
}

export function allow(name: string, allowed: boolean): Promise<AccountView> {
  return act("POST", `/accounts/${name}/${allowed ? "enable" : "disable"}`);
}

export interface Which {
  /** As a date field gives it, 2026-11-27; empty for any. */
  readonly day: string;
  readonly by: string;
  readonly kinds: readonly string[];
}

const PAGE = 100;
const DAY_S = 86_400;

/** A page of the access log, the newest line first, from behind `beyond` on. */
export function lines(which: Which, beyond = 0): Promise<Lines> {
  const query = new URLSearchParams({ newest: "true", limit: String(PAGE) });
  if (which.by !== "") query.set("by", which.by.trim());
  if (which.kinds.length > 0) query.set("kinds", which.kinds.join(","));
  if (beyond > 0) query.set("beyond", String(beyond));
  const midnight = new Date(`${which.day}T00:00:00`).getTime() / 1000;
  if (!Number.isNaN(midnight)) {
    query.set("after", String(midnight));
    query.set("before", String(midnight + DAY_S));
  }
  return get(`/access-log?${query}`);
}

export function ownSessions(): Promise<OwnSessions> {
  return get("/session/all");
}

/** Leave out what does not go with the duty. */
function fitting(draft: Draft): Draft {
  return { ...draft, departments: BOUND.includes(draft.duty) ? draft.departments : [] };
}
