/** Parts of the pages that are loaded once they are needed. */

import { get } from "./client";

const KEPT = "vaxel.reloaded";
const APART_MS = 30_000;

/**
 * Load a part. One that is not to be had is mostly of a version that Vaxel serves no more: then the page loads itself
 * anew, once Vaxel answers; it holds nothing that the engine lacks.
 */
export async function part<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (Date.now() - Number(sessionStorage.getItem(KEPT)) < APART_MS) throw error;
    await get("/session/ways");
    sessionStorage.setItem(KEPT, String(Date.now()));
    location.reload();
    return new Promise(() => undefined); // the page is being left
  }
}
