/**
 * One call after the other from a page that is nobody's phone: it rings by a voucher, and is never rung.
 *
 * A call that loses its network is not over. The page connects again, shows its voucher anew, and moves the sound to the
 * new way by a re-INVITE with new ICE credentials (RFC 8839, section 4.4.1.1.1); only when that does not help in time it
 * says so.
 */

import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { UA } from "jssip/lib/UA";

import type { CallStanding, Voucher } from "../api/types";
import { gather, relays } from "../phone/ice";
import { Measure, type Quality } from "../phone/quality";
import { close, listenTo, microphone, Speaker } from "../phone/sound";
import { Refused, type Asking } from "./told";

const LOOK_MS = 2000;
/** By then the edge has answered, or cannot be reached. */
const CONNECT_MS = 10_000;
/** Sound that breaks off for so long does not come back by itself. */
const BROKEN_MS = 2000;
const RETRY_MS = 1500;
/** By then Vaxel, too, takes a page that it does not hear for gone. */
const PATIENCE_MS = 30_000;
const NO_ROOM = 503;
const LEG_HEADER = "X-Vaxel-Leg";

export type Stage =
  | "idle"
  /** The browser asks whether the microphone may be used. */
  | "asking"
  | "ringing"
  | "talking"
  /** The network is gone, and being looked for. */
  | "lost"
  | "ended";

/** Why there is no call. */
export type Trouble =
  | ""
  | "voiceless"
  /** Nobody may hear this page, which is shown in another site's frame: the site allows it (`allow="microphone"`), or not. */
  | "framed"
  | "closed"
  | "full"
  | "often"
  | "unreachable"
  | "lost";

export interface CallView {
  readonly stage: Stage;
  readonly trouble: Trouble;
  readonly standing: CallStanding | undefined;
  readonly muted: boolean;
  readonly level: number;
  readonly quality: Quality | undefined;
  /** The browser plays nothing before somebody pressed something. */
  readonly blocked: boolean;
}

const IDLE: CallView = { stage: "idle", trouble: "", standing: undefined, muted: false, level: 0, quality: undefined, blocked: false };
const REFUSALS: Readonly<Record<string, Trouble>> = { call_closed: "closed", calls_full: "full", too_many_requests: "often" };

/** Whether there may be a microphone, which this page may not use; a site that came without TLS takes even the asking away. */
function isForbidden(error: unknown): boolean {
  return !(error instanceof DOMException) || error.name === "NotAllowedError";
}

export class WebCall {
  private view: CallView = IDLE;
  private readonly heard = new Set<() => void>();
  private readonly speaker = new Speaker();
  private ends: (() => void)[] = [];
  private ua: UA | undefined;
  private session: RTCSession | undefined;
  private voucher: Voucher | undefined;
  private leg = "";
  /** Counts calls: what was begun for one that is over does nothing any more. */
  private turn = 0;
  private mending = false;
  /** Ends the time within which the sound has to be back. */
  private found: () => void = () => undefined;

  constructor(private readonly asking: Asking) {
    // Whoever leaves the page hangs up.
    addEventListener("pagehide", () => this.hangUp());
  }

  readonly subscribe = (heard: () => void): (() => void) => {
    this.heard.add(heard);
    return () => void this.heard.delete(heard);
  };

  readonly current = (): CallView => this.view;

  // ---- what somebody presses -----------------------------------------------------------------------------------------

  async ring(language: string): Promise<void> {
    if (this.session !== undefined || ["asking", "ringing"].includes(this.view.stage)) return;
    const turn = ++this.turn;
    this.put({ ...IDLE, stage: "asking" });
    let voice: MediaStream;
    try {
      voice = await microphone();
    } catch (error) {
      if (turn === this.turn) this.over(isForbidden(error) && window.parent !== window ? "framed" : "voiceless");
      return;
    }
    if (turn !== this.turn) return close(voice);
    this.ends.push(() => close(voice), listenTo(voice, (level) => this.put({ level })));
    this.put({ stage: "ringing" });
    try {
      const voucher = await this.asking.ring(language);
      if (turn === this.turn) this.dial(voucher, voice, turn);
    } catch (error) {
      if (turn === this.turn) this.over((error instanceof Refused ? REFUSALS[error.message] : undefined) ?? "unreachable");
    }
  }

  hangUp(): void {
    const session = this.session;
    this.session = undefined;
    if (session !== undefined && !session.isEnded()) session.terminate();
    if (this.view.stage !== "idle" && this.view.stage !== "ended") this.over("");
  }

  mute(muted: boolean): void {
    if (muted) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
    this.put({ muted });
  }

  /** Press a key of the telephone (RFC 4733). */
  press(key: string): void {
    if (this.session?.isEstablished()) this.session.sendDTMF(key, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 });
  }

  /** Play on; pressing something has allowed it. */
  listen(): void {
    this.put({ blocked: false });
    const connection = this.session?.connection;
    if (connection) this.play(connection);
  }

  // ---- one call ------------------------------------------------------------------------------------------------------

  private dial(voucher: Voucher, voice: MediaStream, turn: number): void {
    this.voucher = voucher;
    const way = location.protocol === "https:" ? "wss" : "ws";
    const ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(voucher.url || `${way}://${location.hostname}:${voucher.port}`)],
      uri: `sip:${voucher.name}@${voucher.realm}`,
      authorization_user: voucher.user,
      password: voucher.password,
      realm: voucher.realm,
      register: false,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: "Vaxel web call",
    });
    this.ua = ua;
    const late = setTimeout(() => this.session === undefined && this.over("unreachable"), CONNECT_MS);
    this.ends.push(() => clearTimeout(late), () => ua.stop());
    ua.on("connected", () => {
      if (turn !== this.turn) return;
      if (this.session === undefined) this.begin(ua, voucher, voice, turn);
      else void this.mend(turn); // the edge knows us by the connection that is gone
    });
    ua.start();
  }

  private begin(ua: UA, voucher: Voucher, voice: MediaStream, turn: number): void {
    const session = ua.call(`sip:${voucher.way}@${voucher.realm}`, { mediaStream: voice, pcConfig: { iceServers: relays(voucher.ice) } });
    gather(session);
    this.session = session;
    const mine = (): boolean => turn === this.turn && this.session === session;
    session.on("accepted", ({ response }: { response?: { getHeader(name: string): string | undefined } }) => {
      if (!mine()) return;
      this.leg = response?.getHeader(LEG_HEADER) ?? "";
      this.follow(session.connection, turn);
      this.ask(turn);
    });
    session.on("failed", ({ message }) => {
      const answer = message as { status_code?: number } | null;
      if (mine()) this.over(answer?.status_code === NO_ROOM ? "full" : "unreachable");
    });
    session.on("ended", ({ originator }: { originator: string }) => mine() && this.over(originator === "remote" ? "" : "lost"));
  }

  /** Hear what comes in, measure it, and notice when it breaks off. */
  private follow(connection: RTCPeerConnection, turn: number): void {
    this.play(connection);
    const measure = new Measure();
    const look = setInterval(() => {
      void measure.look(connection).then((quality) => turn === this.turn && this.put({ quality }));
    }, LOOK_MS);
    const changed = (): void => {
      const { connectionState } = connection;
      if (connectionState === "failed") this.lose(turn);
      if (connectionState === "disconnected") {
        setTimeout(() => connection.connectionState === "disconnected" && this.lose(turn), BROKEN_MS);
      }
      if (turn === this.turn) this.back();
    };
    connection.addEventListener("connectionstatechange", changed);
    changed();
    this.ends.push(() => clearInterval(look), () => connection.removeEventListener("connectionstatechange", changed));
  }

  private play(connection: RTCPeerConnection): void {
    const track = connection.getReceivers().find((one) => one.track.kind === "audio")?.track;
    if (track !== undefined) this.speaker.play(new MediaStream([track]), () => this.put({ blocked: true }));
  }

  /** Ask now and then how the call stands; without an answer the voice goes on telling. */
  private ask(turn: number): void {
    const look = async (): Promise<void> => {
      const { voucher, leg } = this;
      if (voucher === undefined || leg === "") return;
      const standing = await this.asking.standing(leg, voucher).catch(() => undefined);
      if (turn === this.turn && standing !== undefined) this.put({ standing });
    };
    void look();
    const timer = setInterval(() => void look(), LOOK_MS);
    this.ends.push(() => clearInterval(timer));
  }

  // ---- another network -----------------------------------------------------------------------------------------------

  private lose(turn: number): void {
    if (turn !== this.turn || this.session === undefined) return;
    if (this.view.stage !== "lost") {
      this.put({ stage: "lost" });
      const given = setTimeout(() => this.giveUp(turn), PATIENCE_MS);
      this.ends.push(() => clearTimeout(given));
      this.found = () => clearTimeout(given);
    }
    void this.mend(turn);
  }

  /** The sound may be there, or there again; before that no key would be heard either. */
  private back(): void {
    if (!["ringing", "lost"].includes(this.view.stage) || this.session?.connection.connectionState !== "connected") return;
    this.found();
    this.put({ stage: "talking" });
  }

  private giveUp(turn: number): void {
    if (turn !== this.turn) return;
    this.hangUp();
    this.put({ trouble: "lost" });
  }

  /** Try until the house knows us here. */
  private async mend(turn: number): Promise<void> {
    if (this.mending) return;
    this.mending = true;
    try {
      while (turn === this.turn && !(await this.mended(turn))) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      if (turn === this.turn) this.back();
    } finally {
      this.mending = false;
    }
  }

  private async mended(turn: number): Promise<boolean> {
    const { session, ua } = this;
    if (session === undefined || ua === undefined || !session.isEstablished()) return false;
    if (!ua.isConnected() || this.voucher === undefined) return false;
    try {
      this.voucher = await this.asking.renew(this.leg, this.voucher);
    } catch (error) {
      if (error instanceof Refused && error.message === "call_over" && turn === this.turn) this.over("lost");
      return false;
    }
    if (turn !== this.turn || !ua.isConnected()) return false;
    ua.set("authorization_user", this.voucher.user);
    ua.set("password", this.voucher.password);
    session.connection.setConfiguration({ ...session.connection.getConfiguration(), iceServers: relays(this.voucher.ice) });
    // Who is refused, or not heard, is in no call any more: JsSIP ends it.
    return await new Promise<boolean>((done) => {
      const asked = session.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, () => done(true));
      if (!asked) done(false);
      else setTimeout(() => done(false), CONNECT_MS);
    });
  }

  // ---- the end -------------------------------------------------------------------------------------------------------

  private over(trouble: Trouble): void {
    this.turn++;
    this.session = undefined;
    this.ua = undefined;
    this.voucher = undefined;
    this.leg = "";
    for (const end of this.ends) end();
    this.ends = [];
    this.speaker.stop();
    this.put({ ...IDLE, stage: "ended", trouble });
  }

  private put(change: Partial<CallView>): void {
    this.view = { ...this.view, ...change };
    for (const heard of this.heard) heard();
  }
}
