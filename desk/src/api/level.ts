/**
 * What the engine says, looked at again whenever something happened.
 *
 * Pages hold no state of their own: an event only says that it is worth looking, so nothing that was missed, doubled or
 * came late can make a page wrong.
 */

import { useState, useSyncExternalStore } from "react";

import { Refusal } from "./client";
import { listen, type Happening } from "./stream";

/** Pages that all have the same reason to look do so within this time, not at once. */
const SPREAD_MS = 2000;
const BEAT = "stream.beat";

export interface Level<T> {
  /** The newest that is known; undefined before the first look. */
  readonly seen: T | undefined;
  /** Whether what happens is heard just now. */
  readonly live: boolean;
  /** Why the last look was refused. */
  readonly refused: Refusal | undefined;
}

export interface Source<T> {
  readonly look: () => Promise<T>;
  /** Whether it is worth looking after something happened; `soon` after what concerns everybody, who must not all look at once. */
  readonly concerns: (happening: Happening) => boolean | "soon";
  /** Looks are at least so far apart. */
  readonly paceMs?: number;
  /** What is told may be so old: a last look follows after it. */
  readonly ageMs?: number;
}

class Watch<T> {
  private level: Level<T> = { seen: undefined, live: true, refused: undefined };
  private readonly heard = new Set<() => void>();
  private looking = false;
  private again = false;
  private looks = 0;
  private newest = 0;
  private stop: (() => void) | undefined;
  private last: ReturnType<typeof setTimeout> | undefined;
  private spread: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly source: Source<T>) {}

  readonly subscribe = (heard: () => void): (() => void) => {
    this.heard.add(heard);
    this.stop ??= this.begin();
    return () => {
      this.heard.delete(heard);
      if (this.heard.size > 0) return;
      this.stop?.();
      this.stop = undefined;
      clearTimeout(this.last);
      this.forgetSoon();
    };
  };

  readonly current = (): Level<T> => this.level;

  /** Look at once; what happens before the stream has begun is seen by the look that follows its beginning. */
  private begin(): () => void {
    this.look();
    return listen({
      onOpen: () => {
        this.put({ live: true });
        this.look();
      },
      onHappenings: (happenings) => this.hear(happenings),
      onLost: () => this.put({ live: false }),
    });
  }

  /** A beat is a reason to look, too: nothing told that one's business went to other hands, say. */
  private hear(happenings: readonly Happening[]): void {
    const reasons = happenings.map((one) => (one.type === BEAT ? "soon" : this.source.concerns(one)));
    if (reasons.includes(true)) this.look();
    else if (reasons.includes("soon")) this.lookSoon();
  }

  private lookSoon(): void {
    this.spread ??= setTimeout(this.look, Math.random() * SPREAD_MS);
  }

  private forgetSoon(): void {
    clearTimeout(this.spread);
    this.spread = undefined;
  }

  /** Look again; one look at a time, and one more after it for what came meanwhile. */
  readonly look = (): void => {
    this.forgetSoon();
    if (this.looking) {
      this.again = true;
      return;
    }
    this.looking = true;
    void this.once().finally(() => {
      setTimeout(() => {
        this.looking = false;
        if (!this.again) return;
        this.again = false;
        this.look();
      }, this.source.paceMs ?? 0);
    });
    clearTimeout(this.last);
    if (this.source.ageMs !== undefined) this.last = setTimeout(() => void this.once(), this.source.ageMs);
  };

  private async once(): Promise<void> {
    const number = ++this.looks;
    try {
      const seen = await this.source.look();
      if (number < this.newest) return; // a later look was answered before
      this.newest = number;
      this.put({ seen, refused: undefined });
    } catch (error) {
      if (error instanceof Refusal) this.put({ refused: error });
      // Without a network the stream comes back later, and looks again then.
    }
  }

  private put(change: Partial<Level<T>>): void {
    this.level = { ...this.level, ...change };
    for (const heard of this.heard) heard();
  }
}

/** The level of a source, and a way to look at once after having changed something oneself. */
export function useLevel<T>(make: () => Source<T>): Level<T> & { readonly look: () => void } {
  const [watch] = useState(() => new Watch(make()));
  const level = useSyncExternalStore(watch.subscribe, watch.current);
  return { ...level, look: watch.look };
}
