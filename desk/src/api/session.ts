/** Who is signed in. */

import { act, authorize, get, Refusal } from "./client";
import { setClock } from "./clock";
import type { SignedIn, SignedOut, Ways } from "./types";

export type { SignedIn };

/** Who is signed in; null for nobody. */
export async function present(): Promise<SignedIn | null> {
  try {
    return taken(await get<SignedIn>("/session"));
  } catch (error) {
    if (error instanceof Refusal && error.errorId === "not_signed_in") return null;
    throw error;
  }
}

export async function signIn(name: string, password: string): Promise<SignedIn> {
  return taken(await act<SignedIn>("POST", "/session", { name, password }));
}

export async function choosePassword(before: string, chosen: string): Promise<SignedIn> {
  return taken(await act<SignedIn>("PUT", "/session/password", { present: before, chosen }));
}

export async function signOut(): Promise<void> {
  leave(await act<SignedOut>("DELETE", "/session"));
}

/** Sign out here and wherever else one is signed in. */
export async function signOutEverywhere(): Promise<void> {
  leave(await act<SignedOut>("DELETE", "/session/all"));
}

/** How people sign in here. */
export function ways(): Promise<Ways> {
  return get("/session/ways");
}

/** Where the browser goes to sign in at the OpenID provider. */
export const OPENID = "/api/v1/session/openid";

function leave({ further }: SignedOut): void {
  authorize("");
  if (further !== "") location.assign(further);
}

function taken(session: SignedIn): SignedIn {
  authorize(session.csrf);
  setClock(session.now);
  return session;
}
