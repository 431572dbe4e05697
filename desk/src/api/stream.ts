/** What happens in the house, as it happens: one WebSocket for the whole page, which comes back by itself. */

import { get } from "./client";

const PATH = "/api/v1/events";
const FIRST_MS = 300;
const LAST_MS = 10_000;
/** There is a beat every 15 s: after so much silence nobody is at the other end any more. */
const SILENCE_MS = 40_000;
/** Who cannot come back for so long asks whether the session has ended. */
const PATIENCE_MS = 1000;
/** Why Vaxel closed it (docs/events.md): the session has ended. */
const SIGNED_OUT = 1008;

/** One thing that happened (docs/events.md). */
export interface Happening {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly contact?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly channel?: string;
}

export interface Listener {
  /** The stream begins, or begins again: everything may have changed. */
  readonly onOpen: () => void;
  readonly onHappenings: (happenings: readonly Happening[]) => void;
  /** Nothing is heard for now. */
  readonly onLost: () => void;
}

class Stream {
  private readonly listeners = new Set<Listener>();
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private pause = FIRST_MS;
  private live = false;

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.live) listener.onOpen();
    else if (this.socket === undefined && this.timer === undefined) this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.leave();
    };
  }

  private open(): void {
    this.timer = undefined;
    const url = new URL(PATH, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.socket = new WebSocket(url));
    this.wait();
    socket.onopen = () => socket.send("{}");
    socket.onmessage = (message: MessageEvent<string>) => {
      this.wait();
      this.take(JSON.parse(message.data) as Happening[]);
    };
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.lose(code);
    };
  }

  /** The first that is told is where the stream begins: what happens from then on is heard. */
  private take(happenings: readonly Happening[]): void {
    if (this.live) {
      for (const one of this.listeners) one.onHappenings(happenings);
      return;
    }
    this.live = true;
    this.pause = FIRST_MS;
    for (const one of this.listeners) one.onOpen();
  }

  /** Whatever the reason: listen again soon, and look at everything then. Whose session has ended is told so. */
  private lose(code: number): void {
    this.drop();
    this.timer = setTimeout(() => this.open(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, LAST_MS);
    if (code === SIGNED_OUT || this.pause > PATIENCE_MS) void get("/session").catch(() => undefined);
    for (const one of this.listeners) one.onLost();
  }

  private wait(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lose(0), SILENCE_MS);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    this.live = false;
    clearTimeout(this.silence);
    socket?.close();
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.drop();
  }
}

const stream = new Stream();

/** Listen until what is returned is called. */
export function listen(listener: Listener): () => void {
  return stream.listen(listener);
}
