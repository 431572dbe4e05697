/** Beats in a thread of its own: browsers hardly let the timers of a page run that nobody looks at. */

const EVERY_MS = 10_000;

setInterval(() => postMessage(0), EVERY_MS);
