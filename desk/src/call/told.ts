/** What Vaxel tells the page, and what the page asks of Vaxel (web/webcalls.py). */

import type { CallStanding, Problem, Voucher } from "../api/types";

export interface Told {
  readonly page: string;
  /** By language. */
  readonly title: Readonly<Record<string, string>>;
  readonly language: string;
  /** Language to what it calls itself. */
  readonly languages: Readonly<Record<string, string>>;
  /** Addresses of other ways; empty where there is none. */
  readonly chat: string;
  readonly callback: string;
}

export function told(): Told {
  return JSON.parse(document.getElementById("told")?.textContent ?? "") as Told;
}

/** Why Vaxel did not do something, by its word for it. */
export class Refused extends Error {}

export class Asking {
  constructor(private readonly page: string) {}

  /** Ask for what is needed to ring. */
  ring(language: string): Promise<Voucher> {
    return this.ask("POST", "vouchers", { language });
  }

  /** Ask for what is needed to go on with a call. */
  renew(leg: string, voucher: Voucher): Promise<Voucher> {
    return this.ask("POST", "renewals", { leg }, voucher);
  }

  standing(leg: string, voucher: Voucher): Promise<CallStanding> {
    return this.ask("GET", `standing?leg=${encodeURIComponent(leg)}`, undefined, voucher);
  }

  private async ask<T>(method: string, path: string, body?: unknown, voucher?: Voucher): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (voucher !== undefined) headers["X-Vaxel-Voucher"] = `${voucher.user} ${voucher.password}`;
    const sent = body === undefined ? null : JSON.stringify(body);
    const answer = await fetch(`/public/v1/call/${encodeURIComponent(this.page)}/${path}`, { method, headers, body: sent });
    if (answer.ok) return (await answer.json()) as T;
    const problem = (await answer.json().catch(() => null)) as Problem | null;
    throw new Refused(problem?.error_id ?? "bug");
  }
}
