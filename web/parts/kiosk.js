// The kiosk that gives numbers: languages, services and needs on one view, the number on the next; then it begins again.
{
  const LOOK_MS = 5000, STAYS_S = 30, MORE_S = 60, IDLE_S = 60, TRIES = 6;
  const views = ["start", "ticket", "sorry"];
  const chosen = () => document.documentElement.lang;
  let board = null, left = 0, idle = 0, taking = false;

  function view(name, focus) {
    views.forEach(one => { $(one).hidden = one !== name; });
    left = name === "start" ? 0 : STAYS_S;
    count();
    scrollTo(0, 0);
    if (focus) $(focus).focus();
  }
  function speak(language) {
    const html = document.documentElement;
    [html.lang, html.dir] = [language, told.rtl.includes(language) ? "rtl" : "ltr"];
    document.querySelectorAll("[data-word]").forEach(one => { one.textContent = words()[one.dataset.word]; });
    document.querySelectorAll("#tongues button").forEach(one => one.setAttribute("aria-pressed", String(one.dataset.language === language)));
    $("tongues").setAttribute("aria-label", words().language);
    document.querySelector("h1").textContent = document.title = told.titles[language];
    if (board) draw();
  }
  function draw() {
    const buttons = $("services");
    board.services.forEach((service, at) => {
      const button = buttons.children[at] || buttons.appendChild(make("button", {type: "button"}, make("b"), make("span")));
      const says = [told.services[service.service]?.[chosen()] || service.title || service.service, busy(service)];
      [...button.children].forEach((part, nth) => { if (part.textContent !== says[nth]) part.textContent = says[nth]; });
      button.disabled = !board.open;
      button.onclick = () => take(service);
    });
    while (buttons.children.length > board.services.length) buttons.lastChild.remove();
    $("shut").hidden = board.open;
    $("shut").textContent = board.open ? "" : words().shut;
    news(board);
  }
  const needs = () => [...document.querySelectorAll("#needs input:checked")].map(one => one.value);
  const pause = ms => new Promise(done => setTimeout(done, ms));

  async function take(service) {
    if (taking) return;
    taking = true;
    $("said").textContent = words().busy;
    const key = [...crypto.getRandomValues(new Uint8Array(16))].map(one => one.toString(16).padStart(2, "0")).join("");
    const asked = {service: service.service, language: chosen(), needs: needs()};
    for (let turn = 1; taking; turn++) {
      try {
        given(await ask(`/places/${encodeURIComponent(told.place)}/tickets`, asked, key), service);
        taking = false;
      } catch (error) {
        if (lost(error) && turn < TRIES) await pause(1000 * turn);  // the same key: one number, however often it is asked
        else { refused(words()[error.id] || words().wrong); taking = false; }
      }
    }
    $("said").textContent = "";
  }
  function refused(why) {
    $("why").textContent = why;
    view("sorry", "h-sorry");
  }
  function given(visit, service) {
    if (!visit.ticket || visit.obstacle) return refused(words().cannot);
    $("number").textContent = visit.ticket;
    $("service").textContent = told.services[service.service]?.[chosen()] || "";
    $("where").textContent = told.titles[chosen()];
    $("when").textContent = new Date().toLocaleString(chosen(), {dateStyle: "short", timeStyle: "short"});
    const before = (visit.position || 1) - 1;
    $("place").textContent = before ? fill(words().place, {number: before}) : words().first;
    const wait = waitIn(visit);
    $("wait").textContent = wait && before ? fill(words().wait_line, {wait}) : "";
    $("code").hidden = !told.codes;
    const shown = Promise.resolve(told.codes && code(visit.visit));
    view("ticket", "yours");
    if (told.prints) shown.then(() => print());
  }
  function code(visit) {
    const image = $("code").querySelector("img");
    image.alt = words().scan;
    image.src = `${told.visits}${encodeURIComponent(visit)}/code.svg?language=${chosen()}`;
    return image.decode().catch(() => { $("code").hidden = true; });
  }
  function start() {
    document.querySelectorAll("#needs input").forEach(one => { one.checked = false; });
    $("needs").open = false;
    $("number").textContent = $("service").textContent = "";
    $("code").querySelector("img").removeAttribute("src");
    speak(told.language);
    view("start");
  }
  function count() {
    $("again").textContent = left ? fill(words().again, {seconds: left}) : "";
  }
  setInterval(() => {
    idle += 1;
    if (left && --left === 0) start();
    else if (!left && idle === IDLE_S && !taking) start();
    count();
  }, 1000);
  ["pointerdown", "keydown"].forEach(kind => addEventListener(kind, () => {
    idle = 0;
    if (left) left = Math.max(left, STAYS_S);
  }));
  document.querySelectorAll("#tongues button").forEach(one => { one.onclick = () => speak(one.dataset.language); });
  $("done").onclick = $("back").onclick = start;
  $("more").onclick = () => { left += MORE_S; count(); };
  $("print").onclick = () => print();
  sign(() => follow(seen => { board = seen; draw(); }, LOOK_MS));
}
