/** Requests to Vaxel's API: what is refused becomes a Refusal, and what changes something is carried out once. */

import type { Problem } from "./types";

const BASE = "/api/v1";
const TRIES = 4;
const PAUSE_MS = 400;
/** Characters of a request that is carried out though its page is left: browsers let 64 KiB be on their way so. */
const OUTLIVES_PAGE = 16_384;

/** Vaxel's word for why it did not do something. */
export class Refusal extends Error {
  constructor(
    readonly errorId: string,
    readonly status: number,
    readonly retryable: boolean,
    detail: string,
  ) {
    super(detail);
  }
}

let csrf = "";
let onSignedOut: () => void = () => undefined;

/** Remember what pages send beside the cookie. */
export function authorize(word: string): void {
  csrf = word;
}

/** Have `heard` called when the session has ended. */
export function whenSignedOut(heard: () => void): void {
  onSignedOut = heard;
}

/** Ask for something that changes nothing. */
export function get<T>(path: string): Promise<T> {
  return send<T>("GET", path);
}

/** Ask for something to be done: once, however often the network breaks between here and there. */
export function act<T = void>(method: "POST" | "PUT" | "DELETE", path: string, body: unknown = {}): Promise<T> {
  return send<T>(method, path, { body: JSON.stringify(body), type: "application/json" });
}

/** Give a file. */
export function upload<T>(path: string, file: Blob): Promise<T> {
  return send<T>("POST", path, { body: file, type: "application/octet-stream" });
}

interface Sent {
  readonly body: BodyInit;
  readonly type: string;
}

async function send<T>(method: string, path: string, sent?: Sent): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (sent !== undefined) {
    headers["Content-Type"] = sent.type;
    headers["Vaxel-Csrf"] = csrf;
    headers["Idempotency-Key"] = crypto.randomUUID();
  }
  for (let tries = 1; ; tries++) {
    try {
      return await once<T>(method, path, headers, sent?.body);
    } catch (error) {
      const again = error instanceof Refusal ? error.status === 503 && error.retryable : error instanceof TypeError;
      if (!again || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** tries * (0.5 + Math.random())));
    }
  }
}

async function once<T>(method: string, path: string, headers: HeadersInit, body?: BodyInit): Promise<T> {
  const asker = csrf;
  const keepalive = typeof body === "string" && body.length < OUTLIVES_PAGE;
  const answer = await fetch(BASE + path, { method, headers, body: body ?? null, credentials: "same-origin", keepalive });
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  const problem = (await answer.json().catch(() => null)) as Problem | null;
  const refusal = new Refusal(
    problem?.error_id ?? "bug",
    answer.status,
    problem?.retryable ?? answer.status >= 500,
    problem?.detail ?? answer.statusText,
  );
  // An answer to whoever was signed in before says nothing of who is now.
  if (refusal.errorId === "not_signed_in" && asker === csrf) onSignedOut();
  throw refusal;
}
