/** Who is signed in. */

import { act, authorize, get, Refusal } from "./client";
import { setClock } from "./clock";
import type { SignedIn } from "./types";

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
  await act("DELETE", "/session");
  authorize("");
}

function taken(session: SignedIn): SignedIn {
  authorize(session.csrf);
  setClock(session.now);
  return session;
}
