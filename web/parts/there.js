"use strict";
// Signs a screen in with a token that staff types once, and looks at the place again and again.
const told = JSON.parse(document.getElementById("told").textContent);
const $ = id => document.getElementById(id);
const KEPT = "vaxel-screen";
const words = () => told.words[document.documentElement.lang];
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const make = (name, more = {}, ...inside) => {
  const one = Object.assign(document.createElement(name), more);
  one.append(...inside);
  return one;
};

async function ask(path, body, key) {
  const headers = {Authorization: `Bearer ${sessionStorage.getItem(KEPT)}`, Accept: "application/json"};
  if (body) Object.assign(headers, {"Content-Type": "application/json", "Idempotency-Key": key});
  const answer = await fetch(`/api/v1${path}`, {
    method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store", credentials: "omit",
    signal: AbortSignal.timeout(10000)});
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error_id), {id: told.error_id, status: answer.status, again: told.retryable});
  return told;
}

const lost = error => !error.status || error.status >= 500 || error.again;  // nobody answers, or not just now

/** Show the place as it is, every so many milliseconds; a screen whose token ends is signed out. */
function follow(show, every) {
  let pause = 0;
  const away = $("away");
  const say = text => { if (away.textContent !== text) away.textContent = text; };
  async function look() {
    try {
      show(await ask(`/places/${encodeURIComponent(told.place)}/board`));
      say("");
      pause = every;
    } catch (error) {
      if (!lost(error)) return out(words().bad_token);
      say(away.dataset.words);
      pause = Math.min(Math.max(pause * 1.5, 1000), 5000);
    }
    setTimeout(look, pause);
  }
  look();
}
function out(why) {
  sessionStorage.removeItem(KEPT);
  $("screen").hidden = true;
  $("there").hidden = false;
  $("refused").textContent = why;
  $("token").focus();
}
function comeIn(begin) {
  $("there").hidden = true;
  $("screen").hidden = false;
  begin();
}
/** Begin once this screen has a token of the role kiosk. */
function sign(begin) {
  $("there").onsubmit = async event => {
    event.preventDefault();
    const token = $("token").value.trim();
    if (!/^[\x21-\x7e]+$/.test(token)) return out(words().bad_token);
    sessionStorage.setItem(KEPT, token);
    try {
      const {role} = await ask("/me");
      if (role !== "kiosk") return out(words().wrong_role);
      $("token").value = "";
      comeIn(begin);
    } catch (error) { out(lost(error) ? words().try_later : words().bad_token); }
  };
  if (sessionStorage.getItem(KEPT)) comeIn(begin); else $("there").hidden = false;
}
function busy(service) {  // how many wait for it, and how long it takes
  const wait = waitIn(service);
  const waiting = service.waiting ? fill(words().number_waiting, {number: service.waiting}) : words().no_one;
  return [waiting, wait && fill(words().wait, {wait})].filter(Boolean).join(", ");
}
function waitIn(service) {  // as web/waits.py says it
  const {least, most} = service;
  if (most === undefined || most === null) return "";
  const of = told.waits[document.documentElement.lang];
  if (most > 100) return fill(of.above, {low: Math.min(least, 60)});
  if (most === 1) return of.minute;
  return fill(least ? of.between : of.below, {low: least, high: most});
}
function news(board) {  // the newest word of each crisis
  const lines = board.announcements.filter(one => one.running).map(one => {
    const language = document.documentElement.lang;
    const newest = one.messages.filter(said => said.at === one.messages[0].at);
    const said = newest.find(each => each.language === language) || newest[0];
    return make("p", {lang: said.language, dir: "auto", textContent: said.text});
  });
  const old = $("news");
  if ([...old.children].map(one => one.textContent).join() !== lines.map(one => one.textContent).join()) old.replaceChildren(...lines);
}
