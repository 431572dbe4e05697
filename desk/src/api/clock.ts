/** Vaxel's time: the clock of a desk may be wrong, and waiting is measured by the engine's. */

import { useEffect, useState } from "react";

let ahead = 0;

/** Take over what the engine's clock shows just now, in seconds since the epoch. */
export function setClock(seconds: number): void {
  ahead = seconds - Date.now() / 1000;
}

/** Seconds since the epoch by the engine's clock. */
export function houseTime(): number {
  return Date.now() / 1000 + ahead;
}

/** The same, anew every second. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(houseTime);
  useEffect(() => {
    const timer = setInterval(() => setNow(houseTime()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
