// Says with sound and vibration that it is one's turn, for who wants that; a browser lets it after a press alone.
{
  const {alert} = JSON.parse(document.getElementById("told").textContent);
  const turn = () => document.getElementById("turn");
  const button = Object.assign(document.createElement("button"), {type: "button", textContent: alert});
  let called = turn()?.dataset.called, sound = null, awake = null;

  function ring() {
    navigator.vibrate?.([400, 200, 400, 200, 400]);
    if (!sound) return;
    [0, 0.5, 1].forEach(at => {
      const [voice, volume] = [sound.createOscillator(), sound.createGain()];
      const begins = sound.currentTime + at;
      voice.frequency.value = 880;
      volume.gain.setValueAtTime(0.5, begins);
      volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.4);
      voice.connect(volume).connect(sound.destination);
      voice.start(begins);
      voice.stop(begins + 0.4);
    });
  }
  button.setAttribute("aria-pressed", "false");
  button.onclick = async () => {
    const wanted = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(wanted));
    if (wanted) {
      sound ||= new AudioContext();
      await sound.resume();
      awake = await navigator.wakeLock?.request("screen").catch(() => null);  // a telephone that sleeps says nothing
    } else {
      await sound.suspend();
      await awake?.release();
    }
  };
  document.addEventListener("again", () => {
    const now = turn()?.dataset.called;
    if (now && now !== called && button.getAttribute("aria-pressed") === "true") ring();
    called = now;
    button.hidden = !turn() || Boolean(now);
  });
  if (turn() && !called) document.querySelector("main").after(button);
}
