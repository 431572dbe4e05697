/** Tells an agent who looks elsewhere that a contact is offered: a sound, and a notice of the desktop where allowed. */

import { useEffect } from "react";

let audio: AudioContext | undefined;

/** Two soft tones, twice. Browsers play nothing before the page was touched once. */
export function ring(): void {
  audio ??= new AudioContext();
  void audio.resume();
  const begin = audio.currentTime;
  for (const [at, hertz] of [[0, 660], [0.18, 880], [0.7, 660], [0.88, 880]] as const) {
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0, begin + at);
    loud.gain.linearRampToValueAtTime(0.2, begin + at + 0.02);
    loud.gain.linearRampToValueAtTime(0, begin + at + 0.16);
    tone.connect(loud).connect(audio.destination);
    tone.start(begin + at);
    tone.stop(begin + at + 0.17);
  }
}

/** A notice without anything personal: others may look at the screen. */
export function notify(title: string, text: string): void {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  new Notification(title, { body: text, tag: "vaxel-offer" });
}

/** Ask once whether notices may be shown; only after somebody pressed something, as browsers want it. */
export function askToNotify(): void {
  if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
}

/** Say it in the title of the page as long as it is so, for who looks at another tab; without anything personal. */
export function useTitleNotice(text: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = `● ${text}`;
    return () => {
      document.title = before;
    };
  }, [text]);
}
