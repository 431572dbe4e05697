/** Beats as long as the page lives, also behind others; not while it sleeps. */

import address from "./beat?worker&url";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/** Have `beat` called every ten seconds; what is returned ends it. */
export function heart(beat: () => void): () => void {
  // The page's policy asks for a word from us that an address may be run.
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  const trusted = types?.createPolicy("vaxel-heart", { createScriptURL: () => address }).createScriptURL("") ?? address;
  const worker = new Worker(trusted, { type: "module" });
  worker.onmessage = beat;
  return () => worker.terminate();
}
