/** The page as the phone of whoever works in it, if it is that one's phone. */

import { useEffect, useState, useSyncExternalStore } from "react";

import { get } from "../api/client";
import { part } from "../api/part";
import type { AgentView, ContactView, Phones, PhoneView } from "../api/types";
import { contactOf } from "./leg";
import type { Line, LineView } from "./line";

const NOTHING: LineView = { state: "off", call: null };
const NEVER = (): (() => void) => () => undefined;

export interface Phone {
  /** Null when the agent's phone is another. */
  readonly line: Line | null;
  readonly view: LineView;
  /** It is a number outside, such as a mobile, where a key says that it is no machine that picked up. */
  readonly outside: boolean;
}

interface DeskOf {
  readonly agent: AgentView;
  readonly contacts: readonly ContactView[];
}

export function usePhones(): readonly PhoneView[] {
  const [phones, setPhones] = useState<readonly PhoneView[]>([]);
  useEffect(() => {
    void get<Phones>("/phones").then((listed) => setPhones(listed.phones), () => undefined);
  }, []);
  return phones;
}

export function usePhone(desk: DeskOf | undefined, phones: readonly PhoneView[]): Phone {
  const at = desk === undefined || desk.agent.state === "logged_out" ? "" : (desk.agent.phone ?? "");
  const kind = phones.find((one) => one.phone === at)?.kind;
  const phone = kind === "browser" ? at : "";
  const agent = desk?.agent.id ?? "";
  const [line, setLine] = useState<Line | null>(null);
  useEffect(() => {
    if (phone === "") return;
    let begun: Line | undefined;
    let over = false;
    void part(() => import("./line")).then(({ Line }) => {
      if (over) return;
      begun = new Line(agent, phone);
      begun.start();
      setLine(begun);
    });
    return () => {
      over = true;
      begun?.stop();
      setLine(null);
    };
  }, [agent, phone]);
  const view = useSyncExternalStore(line?.subscribe ?? NEVER, line?.current ?? (() => NOTHING));
  const call = view.call;
  const own = call?.stage === "ringing" && desk !== undefined && isInHand(call.leg, desk);
  useEffect(() => {
    if (own) void line?.answer();
  }, [own, line]);
  return { line, view, outside: kind === "number" };
}

/** Whether the agent has the contact already: whoever began a call, or lost the line, is rung for it and need not answer. */
function isInHand(leg: string, { agent, contacts }: DeskOf): boolean {
  if (agent.offer?.offer === leg) return false;
  return contacts.some((one) => one.id === contactOf(leg) && one.state === "connected" && one.offer === leg);
}
