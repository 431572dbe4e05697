// The board on a waiting room's wall: who is called comes first, is said once, and stands out for a while.
{
  const SHOWN = 6, WAITING = 16, NEW_MS = 20000, EVERY_MS = 2000;
  const fresh = new Map();  // ticket to when it stops standing out
  let before = null, drawn = "", sound = null;

  const desk = one => /^\d+$/.test(one.desk) ? fill(words().numbered, one) : one.desk;
  function chime() {
    if (!sound || sound.state !== "running") return;
    [660, 880].forEach((tone, at) => {
      const [voice, volume] = [sound.createOscillator(), sound.createGain()];
      const begins = sound.currentTime + at * 0.35;
      voice.frequency.value = tone;
      volume.gain.setValueAtTime(0.4, begins);
      volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.6);
      voice.connect(volume).connect(sound.destination);
      voice.start(begins);
      voice.stop(begins + 0.6);
    });
  }
  function hear(board) {
    const calls = new Map(board.called.map(one => [one.ticket, one.called]));
    const now = performance.now();
    if (before) {
      const called = board.called.filter(one => one.called !== before.get(one.ticket));
      called.forEach(one => fresh.set(one.ticket, now + NEW_MS));
      if (called.length) {
        $("said").textContent = called.map(one => fill(words().go, {ticket: one.ticket, desk: desk(one)})).join(". ");
        chime();
      }
    }
    before = calls;
    for (const [ticket, until] of fresh) if (until < now || !calls.has(ticket)) fresh.delete(ticket);
  }
  function row(one, first) {
    const line = make("li", {className: fresh.has(one.ticket) ? "new" : ""});
    if (first) line.classList.add("first");
    line.append(make("strong", {}, make("bdi", {textContent: one.ticket})), " ", make("span", {className: "desk"}, fill(words().desk, {desk: desk(one)})));
    return line;
  }
  function draw(board) {
    const own = told.language;
    $("calls").replaceChildren(...board.called.slice(0, SHOWN).map((one, at) => row(one, at === 0)));
    $("nobody").hidden = board.called.length > 0;
    $("services").replaceChildren(...board.services.map(one =>
      make("li", {}, make("b", {}, told.services[one.service]?.[own] || one.title), " ", make("span", {}, busy(one)))));
    const more = board.waiting.length - WAITING;
    $("waiting").replaceChildren(...(board.waiting.length ? board.waiting.slice(0, WAITING).flatMap(one => [make("bdi", {textContent: one.ticket}), " "]) : [words().no_one]));
    if (more > 0) $("waiting").append(fill(words().others, {number: more}));
    $("shut").hidden = board.open;
    news(board);
  }
  function show(board) {
    hear(board);
    const now = JSON.stringify([board.called, board.waiting, board.services.map(one => [one.waiting, one.least, one.most]), board.open, board.announcements, [...fresh.keys()]]);
    if (now !== drawn) draw(board);
    drawn = now;
  }
  $("sound").onclick = async () => {
    const wanted = $("sound").getAttribute("aria-pressed") !== "true";
    sound ||= new AudioContext();
    await (wanted ? sound.resume() : sound.suspend());
    $("sound").setAttribute("aria-pressed", String(wanted));
    if (wanted) chime();
  };
  sign(() => follow(show, EVERY_MS));
}
