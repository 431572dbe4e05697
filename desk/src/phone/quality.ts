/** How good a call sounds, by what both ends have counted (W3C webrtc-stats). */

export type Grade = "good" | "fair" | "poor";

export interface Quality {
  readonly grade: Grade;
  /** Of a hundred packets of the last seconds, the worse of both ways. */
  readonly lost: number;
  readonly jitterMs: number;
  /** There and back; undefined before the far end has told. */
  readonly delayMs: number | undefined;
}

/** What has to be exceeded for a call to be no better than that: lost of a hundred, jitter and delay in milliseconds. */
const LIMITS: readonly (readonly [Grade, number, number, number])[] = [
  ["poor", 5, 60, 500],
  ["fair", 1, 30, 250],
];

interface Counted {
  readonly received: number;
  readonly lost: number;
}

interface Stat {
  readonly type: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly fractionLost?: number;
}

/** Follows one connection. */
export class Measure {
  private before: Counted = { received: 0, lost: 0 };

  async look(connection: RTCPeerConnection): Promise<Quality | undefined> {
    const stats: Stat[] = [];
    (await connection.getStats()).forEach((stat: Stat) => stats.push(stat));
    const inbound = stats.find((one) => one.type === "inbound-rtp");
    const far = stats.find((one) => one.type === "remote-inbound-rtp");
    if (inbound === undefined) return undefined;
    const now = { received: inbound.packetsReceived ?? 0, lost: Math.max(0, inbound.packetsLost ?? 0) };
    const [received, lost] = [now.received - this.before.received, Math.max(0, now.lost - this.before.lost)];
    this.before = now;
    const here = received + lost > 0 ? (100 * lost) / (received + lost) : 0;
    const quality = {
      lost: Math.max(here, 100 * (far?.fractionLost ?? 0)),
      jitterMs: 1000 * Math.max(inbound.jitter ?? 0, far?.jitter ?? 0),
      delayMs: far?.roundTripTime === undefined ? undefined : 1000 * far.roundTripTime,
    };
    return { ...quality, grade: grade(quality) };
  }
}

export function grade({ lost, jitterMs, delayMs = 0 }: Omit<Quality, "grade">): Grade {
  const worse = LIMITS.find(([, most, jitter, delay]) => lost > most || jitterMs > jitter || delayMs > delay);
  return worse?.[0] ?? "good";
}
