/** Microphone and loudspeaker: which of them, remembered by the browser. */

export type Kind = "microphone" | "speaker";

const KEPT: Record<Kind, string> = { microphone: "vaxel.microphone", speaker: "vaxel.speaker" };
const KINDS: Record<Kind, MediaDeviceKind> = { microphone: "audioinput", speaker: "audiooutput" };

export function chosen(kind: Kind): string {
  return localStorage.getItem(KEPT[kind]) ?? "";
}

export function choose(kind: Kind, id: string): void {
  if (id === "") localStorage.removeItem(KEPT[kind]);
  else localStorage.setItem(KEPT[kind], id);
}

/** What there is to choose from, besides whatever the system prefers; their names only once the microphone is allowed. */
export async function devices(kind: Kind): Promise<readonly (readonly [string, string])[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all
    .filter((one) => one.kind === KINDS[kind] && one.deviceId !== "" && one.deviceId !== "default" && one.label !== "")
    .map((one) => [one.deviceId, one.label] as const);
}

/** Open the chosen microphone, or another if it has been unplugged. */
export function microphone(): Promise<MediaStream> {
  const id = chosen("microphone");
  return navigator.mediaDevices.getUserMedia({
    audio: { ...(id === "" ? {} : { deviceId: { ideal: id } }), echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
}

export function close(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Plays what comes in. */
export class Speaker {
  private readonly audio = new Audio();

  play(stream: MediaStream, onSilent: () => void): void {
    this.audio.srcObject = stream;
    const id = chosen("speaker");
    // One that has been unplugged is no reason to hear nothing.
    void this.audio.setSinkId(id).catch(() => this.audio.setSinkId(""));
    void this.audio.play().catch(onSilent);
  }

  stop(): void {
    this.audio.srcObject = null;
  }
}
