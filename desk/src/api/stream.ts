/** What happens in the house, as it happens: a WebSocket that comes back by itself. */

const PATH = "/api/v1/events";
const FIRST_MS = 300;
const LAST_MS = 10_000;

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

/** Listen until what is returned is called. */
export function listen(listener: Listener, wanted: Record<string, unknown> = {}): () => void {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_MS;
  let over = false;

  const open = (): void => {
    const url = new URL(PATH, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url);
    socket.onopen = () => {
      pause = FIRST_MS;
      socket?.send(JSON.stringify(wanted));
      listener.onOpen();
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      listener.onHappenings(JSON.parse(message.data) as Happening[]);
    };
    socket.onclose = () => {
      if (over) return;
      listener.onLost();
      timer = setTimeout(open, pause * (0.5 + Math.random()));
      pause = Math.min(pause * 2, LAST_MS);
    };
  };

  open();
  return () => {
    over = true;
    clearTimeout(timer);
    socket?.close();
  };
}
