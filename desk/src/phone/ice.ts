/** Ways for a page's sound (ICE, RFC 8445): relays, and when to stop looking for more ways. */

import type { IceCandidateEvent, RTCSession } from "jssip/lib/RTCSession";

import type { IceServer } from "../api/types";

/** A relay that does not answer holds up a call no longer. */
const GATHER_MS = 1500;

/** What a connection is told of relays. */
export function relays(servers: readonly IceServer[] | undefined): RTCIceServer[] {
  return (servers ?? []).map(({ urls, username, credential }) => ({ urls: [...urls], username, credential }));
}

/** Have a call wait for as many ways as it needs. */
export function gather(session: RTCSession): void {
  let late: ReturnType<typeof setTimeout> | undefined;
  session.on("icecandidate", ({ candidate, ready }: IceCandidateEvent) => {
    // By a relay we are reached from everywhere.
    if (candidate.type === "relay") ready();
    else late ??= setTimeout(ready, GATHER_MS);
  });
}
