/** Microphone and loudspeaker: which of them, remembered by the browser. */

export type Kind = "microphone" | "speaker";

const KEPT: Record<Kind, string> = { microphone: "vaxel.microphone", speaker: "vaxel.speaker" };
const KINDS: Record<Kind, MediaDeviceKind> = { microphone: "audioinput", speaker: "audiooutput" };

export function chosen(kind: Kind): string {
  try {
    return localStorage.getItem(KEPT[kind]) ?? "";
  } catch {
    return ""; // a page in another site's frame may keep nothing
  }
}

export function choose(kind: Kind, id: string): void {
  try {
    if (id === "") localStorage.removeItem(KEPT[kind]);
    else localStorage.setItem(KEPT[kind], id);
  } catch {
    // as above: then the system's choice stands
  }
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
    // Some browsers leave that to the system; and one that has been unplugged is no reason to hear nothing.
    if ("setSinkId" in this.audio) void this.audio.setSinkId(chosen("speaker")).catch(() => this.audio.setSinkId(""));
    void this.audio.play().catch(onSilent);
  }

  stop(): void {
    this.audio.srcObject = null;
  }
}

/** Tell ten times a second how loud a stream is, from 0 to 1; what is returned ends it. */
export function listenTo(stream: MediaStream, heard: (level: number) => void): () => void {
  const context = new AudioContext();
  const samples = new Float32Array(1024);
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    heard(loudness(samples));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** From silence (-60 dB of full scale) to as loud as can be, evenly to the ear. */
function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
  return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 60));
}
