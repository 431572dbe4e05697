/**
 * The page as a telephone: SIP over WebSocket to the edge, sound by WebRTC to a worker.
 *
 * It has one line. Whom a call is for is told by the name of its leg, which begins with the contact's. It is registered
 * for half a minute at a time, by a beat that stops when the page sleeps: then Vaxel knows, and rings nobody in vain.
 */

import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { RTCSessionEvent, UA } from "jssip/lib/UA";

import { act, Refusal } from "../api/client";
import { houseTime } from "../api/clock";
import type { PhoneCredentials } from "../api/types";
import { heart } from "./heart";
import { gather, relays } from "./ice";
import { contactOf } from "./leg";
import { Measure, type Quality } from "./quality";
import { close, microphone, Speaker } from "./sound";

const LOOK_MS = 2000;
const RENEW_S = 300;
/** Sound that breaks off for so long does not come back by itself. */
const BROKEN_MS = 3000;
const WAIT_FOR_LOCK_MS = 500;
const LEG_HEADER = "X-Vaxel-Leg";
const ECHO = "echo";
const BUSY = 486;

export type LineState =
  | "off"
  /** Another tab of this browser is the phone. */
  | "elsewhere"
  /** There is no microphone, or none that may be used. */
  | "voiceless"
  | "connecting"
  | "ready";

export interface Call {
  /** Empty for a test. */
  readonly leg: string;
  readonly who: string;
  readonly stage: "ringing" | "beginning" | "talking";
  readonly muted: boolean;
  readonly quality: Quality | undefined;
  /** The browser plays nothing before somebody pressed something. */
  readonly blocked: boolean;
}

export interface LineView {
  readonly state: LineState;
  readonly call: Call | null;
}

export class Line {
  private view: LineView = { state: "off", call: null };
  private readonly heard = new Set<() => void>();
  private readonly over = new AbortController();
  private readonly speaker = new Speaker();
  private readonly ends: (() => void)[] = [];
  private ua: UA | undefined;
  private until = 0;
  private relays: RTCIceServer[] = [];
  /** Vaxel does not know yet that we are in no call. */
  private anew = true;
  private beating = false;
  private session: RTCSession | undefined;
  private voice: MediaStream | undefined;

  constructor(
    private readonly agent: string,
    private readonly phone: string,
  ) {}

  readonly subscribe = (heard: () => void): (() => void) => {
    this.heard.add(heard);
    return () => void this.heard.delete(heard);
  };

  readonly current = (): LineView => this.view;

  /** Be the phone as soon as no other tab is. */
  start(): void {
    const waiting = setTimeout(() => this.put({ state: "elsewhere" }), WAIT_FOR_LOCK_MS);
    const held = new Promise<void>((done) => this.ends.push(done));
    void navigator.locks
      .request(`vaxel-phone-${this.phone}`, { signal: this.over.signal }, async () => {
        clearTimeout(waiting);
        if (!this.over.signal.aborted) await Promise.all([held, this.begin()]);
      })
      .catch(() => clearTimeout(waiting));
  }

  /** Be no phone any more; a call is ended by that. */
  stop(): void {
    this.over.abort();
    this.ua?.stop();
    this.forget();
    for (const end of this.ends) end();
    this.put({ state: "off" });
  }

  /** Ask for the microphone, and register: who cannot speak is not to be rung. */
  async begin(): Promise<void> {
    this.put({ state: "connecting" });
    try {
      close(await microphone());
    } catch {
      this.put({ state: "voiceless" });
      return;
    }
    if (this.over.signal.aborted) return;
    if (this.ua === undefined) this.live();
    await this.beat();
  }

  private live(): void {
    const beat = (): void => void this.beat();
    window.addEventListener("online", beat);
    document.addEventListener("visibilitychange", beat);
    this.ends.push(heart(beat), () => {
      window.removeEventListener("online", beat);
      document.removeEventListener("visibilitychange", beat);
    });
  }

  // ---- calls ---------------------------------------------------------------------------------------------------------

  /** Take the call that rings. */
  async answer(): Promise<void> {
    const session = this.session;
    if (session === undefined || this.view.call?.stage !== "ringing") return;
    this.change({ stage: "beginning" });
    try {
      this.voice = await microphone();
    } catch {
      session.terminate({ status_code: BUSY });
      this.ua?.unregister();
      this.put({ state: "voiceless" });
      return;
    }
    if (this.session !== session || session.isEnded()) return close(this.voice);
    session.answer({ mediaStream: this.voice, pcConfig: { iceServers: this.relays } });
  }

  hangUp(): void {
    this.session?.terminate(this.view.call?.stage === "ringing" ? { status_code: BUSY } : undefined);
  }

  mute(muted: boolean): void {
    if (muted) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
    this.change({ muted });
  }

  /** Press a key of the telephone (RFC 4733). */
  press(key: string): void {
    this.session?.sendDTMF(key, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 });
  }

  /** Hear oneself as others do. */
  async test(): Promise<void> {
    if (this.ua === undefined || this.session !== undefined) return;
    const voice = await microphone();
    this.voice = voice;
    this.ua.call(ECHO, { mediaStream: voice, pcConfig: { iceServers: this.relays } });
  }

  /** Play on; pressing something has allowed it. */
  listen(): void {
    const track = this.session?.connection.getReceivers().find((one) => one.track.kind === "audio")?.track;
    this.change({ blocked: false });
    if (track !== undefined) this.speaker.play(new MediaStream([track]), () => this.change({ blocked: true }));
  }

  // ---- registering ---------------------------------------------------------------------------------------------------

  private async beat(): Promise<void> {
    if (this.beating || this.view.state === "voiceless") return;
    this.beating = true;
    try {
      if (houseTime() > this.until - RENEW_S) await this.authorize();
      else if (this.anew && this.ua?.isRegistered() === true) await this.authorize();
      if (this.ua?.isConnected() === true) this.ua.register();
    } catch (error) {
      // Without network, or engine, the next beat tries again; at another phone there is nothing to try.
      if (error instanceof Refusal && !error.retryable) this.put({ state: "off" });
    } finally {
      this.beating = false;
    }
  }

  private async authorize(): Promise<void> {
    // Only once we can be asked: whoever is asked for a call that it does not know says so.
    const anew = this.anew && this.ua?.isRegistered() === true;
    const given = await act<PhoneCredentials>("POST", `/agents/${this.agent}/phone-credentials`, { anew });
    if (this.over.signal.aborted) return;
    if (anew) this.anew = false;
    this.until = given.until;
    this.relays = relays(given.ice);
    if (this.ua === undefined) {
      this.ua = this.made(given);
      this.ua.start();
    } else {
      this.ua.set("authorization_user", given.user);
      this.ua.set("password", given.password);
    }
  }

  private made(given: PhoneCredentials): UA {
    const way = location.protocol === "https:" ? "wss" : "ws";
    const socket = new JsSIP.WebSocketInterface(given.url || `${way}://${location.hostname}:${given.port}`);
    const ua = new JsSIP.UA({
      sockets: [socket],
      uri: `sip:${given.phone}@${given.realm}`,
      authorization_user: given.user,
      password: given.password,
      realm: given.realm,
      register_expires: given.expires,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: "Vaxel desk",
    });
    ua.on("registered", () => {
      this.put({ state: "ready" });
      if (this.anew) void this.beat();
    });
    ua.on("disconnected", () => this.put({ state: "connecting" }));
    ua.on("registrationFailed", () => {
      this.until = 0; // a page that slept has old credentials
      this.put({ state: "connecting" });
    });
    ua.on("newRTCSession", (event: RTCSessionEvent) => this.came(event));
    return ua;
  }

  // ---- one call ------------------------------------------------------------------------------------------------------

  private came({ originator, session, request }: RTCSessionEvent): void {
    const leg = originator === "remote" ? (request.getHeader(LEG_HEADER) ?? "") : "";
    if (this.session !== undefined) {
      if (leg === "" || contactOf(leg) !== contactOf(this.view.call?.leg ?? "")) {
        session.terminate({ status_code: BUSY });
        return;
      }
      this.drop(); // we are called back, so what we have is dead
    }
    this.session = session;
    const who = session.remote_identity.display_name || session.remote_identity.uri.user;
    const stage = originator === "remote" ? "ringing" : "beginning";
    this.put({ call: { leg, who, stage, muted: false, quality: undefined, blocked: false } });
    const ended = (): void => {
      if (this.session === session) this.forget();
    };
    session.on("ended", ended);
    session.on("failed", ended);
    gather(session);
    session.on("confirmed", () => this.session === session && this.change({ stage: "talking" }));
    if (session.connection) this.follow(session, session.connection);
    else session.on("peerconnection", ({ peerconnection }: { peerconnection: RTCPeerConnection }) => this.follow(session, peerconnection));
  }

  /** Hear what comes in, measure it, and notice when it breaks off. */
  private follow(session: RTCSession, connection: RTCPeerConnection): void {
    const measure = new Measure();
    const look = setInterval(() => {
      if (this.session !== session) return clearInterval(look);
      void measure.look(connection).then((quality) => this.session === session && this.change({ quality }));
    }, LOOK_MS);
    connection.addEventListener("track", ({ track }) => {
      this.speaker.play(new MediaStream([track]), () => this.change({ blocked: true }));
    });
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "failed") this.broken(session);
      if (connection.connectionState === "disconnected") {
        setTimeout(() => connection.connectionState === "disconnected" && this.broken(session), BROKEN_MS);
      }
    });
  }

  /** The sound is gone, and the network may be another: let ourselves be called back. */
  private broken(session: RTCSession): void {
    if (this.session !== session) return;
    this.drop();
    this.anew = true;
    void this.beat();
  }

  /** Leave a call without a word: by BYE Vaxel would take it for over. */
  private drop(): void {
    (this.session as unknown as { _close(): void } | undefined)?._close();
    this.forget();
  }

  private forget(): void {
    this.session = undefined;
    close(this.voice);
    this.voice = undefined;
    this.speaker.stop();
    this.put({ call: null });
  }

  private change(change: Partial<Call>): void {
    if (this.view.call !== null) this.put({ call: { ...this.view.call, ...change } });
  }

  private put(change: Partial<LineView>): void {
    this.view = { ...this.view, ...change };
    for (const heard of this.heard) heard();
  }
}
