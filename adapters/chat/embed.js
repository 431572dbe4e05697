"use strict";
// A button on another site's page that opens the chat in a frame: docs/chat.md, "On another site's page".
(() => {
  const told = {told};
  const script = document.currentScript;
  const chosen = script.dataset;
  const address = new URL(".", script.src).href.slice(0, -1);
  if (!told.sites.includes(location.origin)) {
    console.error(`Vaxel: ${location.origin} may not show this chat. Whoever runs Vaxel can name it in chat.yaml, in embedded_by of the page ${told.page}.`);
    return;
  }
  const asked = [chosen.language, document.documentElement.lang].map(tag => (tag || "").toLowerCase().split("-")[0]);
  const language = asked.find(one => told.of[one]) || told.own;
  const words = told.of[language];
  const kept = "vaxel-chat " + address;

  const host = document.createElement("div");
  host.lang = language;
  host.dir = told.rtl.includes(language) ? "rtl" : "ltr";
  for (const [name, color] of [["background", chosen.background], ["color", chosen.color]])
    if (color && CSS.supports("color", color)) host.style.setProperty(`--vaxel-${name}`, color);
  const sheet = new CSSStyleSheet();  // neither our style nor the site's gets to the other, and no policy is in its way
  sheet.replaceSync(`
    button { font: 600 1.125rem/1.4 system-ui, sans-serif; min-height: 2.75rem; padding: .5rem 1.25rem; cursor: pointer;
      color: var(--vaxel-color, #fff); background: var(--vaxel-background, #0b4f8a); border: 2px solid currentColor; border-radius: .5rem; }
    button:focus-visible { outline: 3px solid var(--vaxel-background, #0b4f8a); outline-offset: 3px; }
    #open { position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; z-index: 2147483647; }
    dialog { position: fixed; inset: auto; inset-block-end: 1rem; inset-inline-end: 1rem; margin: 0; padding: 0; box-sizing: border-box;
      width: min(28rem, 100vw - 2rem); height: min(42rem, 100vh - 2rem); max-width: none; max-height: none; overflow: hidden;
      border: 2px solid var(--vaxel-background, #0b4f8a); border-radius: .5rem; background: var(--vaxel-background, #0b4f8a); }
    dialog[open] { display: flex; flex-direction: column; }
    dialog::backdrop { background: rgb(0 0 0 / .4); }
    header { display: flex; align-items: center; justify-content: space-between; gap: .5rem; padding: .5rem; color: var(--vaxel-color, #fff); }
    h2 { font: 600 1.125rem/1.4 system-ui, sans-serif; margin: 0 .5rem; overflow-wrap: anywhere; }
    header button:focus-visible { outline-color: currentColor; outline-offset: -6px; }
    iframe { flex: 1; width: 100%; border: 0; background: Canvas; color-scheme: light dark; }
    #news { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @media (max-width: 30rem) { dialog { inset: 0; width: 100vw; height: 100vh; border-radius: 0; } }`);
  const inside = host.attachShadow({mode: "open"});
  inside.adoptedStyleSheets = [sheet];
  const make = (parent, name, more) => parent.appendChild(Object.assign(document.createElement(name), more));
  const button = make(inside, "button", {id: "open", type: "button", textContent: chosen.label || words.open});
  button.setAttribute("aria-haspopup", "dialog");
  const news = make(inside, "div", {id: "news"});
  news.setAttribute("role", "status");
  const dialog = make(inside, "dialog", {});
  dialog.setAttribute("aria-labelledby", "title");
  const header = make(dialog, "header", {});
  make(header, "h2", {id: "title", textContent: told.title});
  const close = make(header, "button", {type: "button", textContent: words.close});
  let frame = null;

  function load() {
    frame ||= make(dialog, "iframe", {src: `${address}?language=${language}`, title: told.title});
  }
  function say(text) {
    button.textContent = text || chosen.label || words.open;
    news.textContent = text === words.news ? text : "";
  }
  button.onclick = () => {
    load();
    dialog.showModal();
    frame.focus();
  };
  close.onclick = () => dialog.close();
  dialog.onclose = () => {  // the chat goes on behind the button
    if (!sessionStorage.getItem(kept)) { frame.remove(); frame = null; }
    say(frame && words.back);
    button.focus();
  };
  addEventListener("message", event => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== new URL(address).origin) return;
    if (event.data === "vaxel:close" && dialog.open) dialog.close();
    if (event.data === "vaxel:begun") sessionStorage.setItem(kept, "1");
    if (event.data === "vaxel:ended") sessionStorage.removeItem(kept);
    if (event.data === "vaxel:news" && !dialog.open) say(words.news);
  });
  const begin = () => {
    document.body.append(host);
    if (sessionStorage.getItem(kept)) { load(); say(words.back); }  // begun on another page of the site
  };
  if (document.body) begin(); else addEventListener("DOMContentLoaded", begin);
})();
