"use strict";
// Looks again by itself and puts in what has changed, so that focus, open details and what is being read out stay.
{
  const main = document.querySelector("main");
  const away = document.getElementById("away");
  const every = () => Number(main.dataset.again) * 1000;  // 0 once there is nothing to wait for
  let timer = 0, pause = every();

  function mend(old, fresh) {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    for (const {name, value} of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const {name} of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
    before.slice(after.length).forEach(node => node.remove());
    after.forEach((node, at) => at < before.length ? mend(before[at], node) : old.append(node));
  }
  async function look() {
    clearTimeout(timer);
    try {
      const answer = await fetch(location.href, {cache: "no-store", headers: {Accept: "text/html"}, signal: AbortSignal.timeout(10000)});
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      mend(main, document.adoptNode(fresh.querySelector("main")));
      document.title = fresh.title;
      if (away.textContent) away.textContent = "";
      document.dispatchEvent(new Event("again"));
      pause = every();
    } catch {  // an engine that starts anew, a telephone in a tunnel
      if (!away.textContent) away.textContent = away.dataset.words;
      pause = Math.min(every(), 5000);
    }
    clearTimeout(timer);
    if (main.dataset.again) timer = setTimeout(look, pause);
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && main.dataset.again) look(); });
  timer = setTimeout(look, pause);
}
