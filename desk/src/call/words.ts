/** What the page from which citizens ring says; a language without words of its own gets the English ones. */

import type { Grade } from "../phone/quality";
import type { Trouble } from "./call";

export interface Words {
  readonly title: string;
  readonly how: string;
  readonly languages: string;
  readonly ring: string;
  readonly again: string;
  readonly hangUp: string;
  readonly asking: string;
  readonly ringing: string;
  readonly asked: string;
  readonly waiting: string;
  readonly place: (place: string) => string;
  readonly offered: string;
  readonly connected: string;
  readonly lost: string;
  readonly ended: string;
  readonly trouble: Readonly<Record<Exclude<Trouble, "">, string>>;
  readonly mute: string;
  readonly unmute: string;
  readonly muted: string;
  readonly keys: string;
  readonly level: string;
  readonly listen: string;
  readonly apart: string;
  readonly devices: string;
  readonly microphone: string;
  readonly speaker: string;
  readonly system: string;
  readonly sound: Readonly<Record<Exclude<Grade, "good">, string>>;
  readonly others: string;
  readonly chat: string;
  readonly callback: string;
}

const en: Words = {
  title: "Call us",
  how: "You talk with the microphone of this computer or telephone. It costs nothing, and we see no number of yours.",
  languages: "Language",
  ring: "Call",
  again: "Call again",
  hangUp: "Hang up",
  asking: "Your browser asks whether we may hear you. Allow it.",
  ringing: "Calling …",
  asked: "You are connected. Listen, and press a key if you are asked to.",
  waiting: "You are in line.",
  place: (place) => `You are in line, number ${place}.`,
  offered: "Somebody is about to answer.",
  connected: "You are talking with us.",
  lost: "The connection broke off. We try to bring it back; stay on the page.",
  ended: "The call has ended.",
  trouble: {
    voiceless: "We cannot hear you: there is no microphone, or your browser does not allow it.",
    framed: "We cannot hear you: your browser, or the site around this page, does not allow it.",
    closed: "We are closed just now.",
    full: "A great many people are calling just now. Please try again in a while.",
    often: "There have been many calls from your network. Please try again later.",
    unreachable: "The call could not be connected. Please try again.",
    lost: "The connection was lost. You are welcome to call again.",
  },
  mute: "Mute",
  unmute: "Unmute",
  muted: "We do not hear you now.",
  keys: "Keys",
  level: "How loud you are",
  listen: "Turn the sound on",
  apart: "Open in a window of its own",
  devices: "Microphone and loudspeaker",
  microphone: "Microphone",
  speaker: "Loudspeaker",
  system: "As the system prefers",
  sound: { fair: "The sound is uneven.", poor: "The sound is bad. A better network helps." },
  others: "Other ways to reach us",
  chat: "Chat with us",
  callback: "Let us call you",
};

const sv: Words = {
  title: "Ring oss",
  how: "Du pratar med mikrofonen i datorn eller telefonen. Det kostar ingenting, och vi ser inget nummer.",
  languages: "Språk",
  ring: "Ring",
  again: "Ring igen",
  hangUp: "Lägg på",
  asking: "Webbläsaren frågar om vi får höra dig. Tillåt det.",
  ringing: "Ringer …",
  asked: "Du är framme. Lyssna, och tryck på en knapp om du blir ombedd.",
  waiting: "Du står i kö.",
  place: (place) => `Du står i kö, nummer ${place}.`,
  offered: "Någon svarar strax.",
  connected: "Du pratar med oss.",
  lost: "Förbindelsen bröts. Vi försöker få tillbaka den, stanna på sidan.",
  ended: "Samtalet är avslutat.",
  trouble: {
    voiceless: "Vi kan inte höra dig: det finns ingen mikrofon, eller så tillåter webbläsaren den inte.",
    framed: "Vi kan inte höra dig: webbläsaren, eller webbplatsen runt den här sidan, tillåter det inte.",
    closed: "Vi har stängt just nu.",
    full: "Väldigt många ringer just nu. Försök igen om en stund.",
    often: "Det har ringts många samtal från ditt nätverk. Försök igen senare.",
    unreachable: "Samtalet kunde inte kopplas fram. Försök igen.",
    lost: "Förbindelsen bröts. Du är välkommen att ringa igen.",
  },
  mute: "Stäng av mikrofonen",
  unmute: "Slå på mikrofonen",
  muted: "Vi hör dig inte nu.",
  keys: "Knappar",
  level: "Hur högt du hörs",
  listen: "Slå på ljudet",
  apart: "Öppna i ett eget fönster",
  devices: "Mikrofon och högtalare",
  microphone: "Mikrofon",
  speaker: "Högtalare",
  system: "Som systemet föredrar",
  sound: { fair: "Ljudet är ojämnt.", poor: "Ljudet är dåligt. Ett bättre nät hjälper." },
  others: "Andra sätt att nå oss",
  chat: "Chatta med oss",
  callback: "Bli uppringd",
};

const fi: Words = {
  title: "Soita meille",
  how: "Puhut tietokoneen tai puhelimen mikrofoniin. Soittaminen ei maksa mitään, emmekä näe numeroasi.",
  languages: "Kieli",
  ring: "Soita",
  again: "Soita uudelleen",
  hangUp: "Lopeta puhelu",
  asking: "Selain kysyy, saammeko kuulla sinua. Salli se.",
  ringing: "Soitetaan …",
  asked: "Yhteys on auki. Kuuntele ja paina näppäintä, jos sinua pyydetään.",
  waiting: "Olet jonossa.",
  place: (place) => `Olet jonossa, numero ${place}.`,
  offered: "Sinulle vastataan pian.",
  connected: "Puhut kanssamme.",
  lost: "Yhteys katkesi. Yritämme palauttaa sen, pysy sivulla.",
  ended: "Puhelu on päättynyt.",
  trouble: {
    voiceless: "Emme kuule sinua: mikrofonia ei ole, tai selain ei salli sen käyttöä.",
    framed: "Emme kuule sinua: selain tai tätä sivua ympäröivä sivusto ei salli sitä.",
    closed: "Olemme nyt suljettuna.",
    full: "Juuri nyt soittajia on hyvin paljon. Yritä hetken kuluttua uudelleen.",
    often: "Verkostasi on soitettu monta puhelua. Yritä myöhemmin uudelleen.",
    unreachable: "Puhelua ei voitu yhdistää. Yritä uudelleen.",
    lost: "Yhteys katkesi. Voit soittaa uudelleen.",
  },
  mute: "Mykistä mikrofoni",
  unmute: "Avaa mikrofoni",
  muted: "Emme kuule sinua nyt.",
  keys: "Näppäimet",
  level: "Äänesi voimakkuus",
  listen: "Kytke ääni päälle",
  apart: "Avaa omassa ikkunassa",
  devices: "Mikrofoni ja kaiutin",
  microphone: "Mikrofoni",
  speaker: "Kaiutin",
  system: "Järjestelmän oletus",
  sound: { fair: "Ääni on epätasainen.", poor: "Ääni on huono. Parempi verkko auttaa." },
  others: "Muut tavat tavoittaa meidät",
  chat: "Avaa chat",
  callback: "Pyydä soittoa",
};

const ar: Words = {
  title: "اتصل بنا",
  how: "تتحدث عبر ميكروفون الحاسوب أو الهاتف. الاتصال مجاني، ولا نرى رقم هاتفك.",
  languages: "اللغة",
  ring: "اتصل",
  again: "اتصل مرة أخرى",
  hangUp: "أنهِ المكالمة",
  asking: "يسألك المتصفح إن كان يمكننا سماعك. اسمح بذلك.",
  ringing: "جارٍ الاتصال …",
  asked: "أنت متصل الآن. استمع، واضغط على زر إذا طُلب منك ذلك.",
  waiting: "أنت في قائمة الانتظار.",
  place: (place) => `أنت في قائمة الانتظار، ورقمك ${place}.`,
  offered: "سيرد عليك أحد الموظفين بعد لحظات.",
  connected: "أنت تتحدث معنا.",
  lost: "انقطع الاتصال. نحاول استعادته، فابق في الصفحة.",
  ended: "انتهت المكالمة.",
  trouble: {
    voiceless: "لا يمكننا سماعك: لا يوجد ميكروفون، أو أن المتصفح لا يسمح باستخدامه.",
    framed: "لا يمكننا سماعك: المتصفح، أو الموقع المحيط بهذه الصفحة، لا يسمح بذلك.",
    closed: "نحن مغلقون الآن.",
    full: "عدد المتصلين كبير جدا الآن. حاول مرة أخرى بعد قليل.",
    often: "أُجريت مكالمات كثيرة من شبكتك. حاول مرة أخرى لاحقا.",
    unreachable: "تعذر إجراء المكالمة. حاول مرة أخرى.",
    lost: "انقطع الاتصال. يمكنك الاتصال مرة أخرى.",
  },
  mute: "اكتم الميكروفون",
  unmute: "شغّل الميكروفون",
  muted: "لا نسمعك الآن.",
  keys: "الأزرار",
  level: "مستوى صوتك",
  listen: "شغّل الصوت",
  apart: "افتح في نافذة مستقلة",
  devices: "الميكروفون ومكبر الصوت",
  microphone: "الميكروفون",
  speaker: "مكبر الصوت",
  system: "حسب إعدادات النظام",
  sound: { fair: "الصوت متقطع.", poor: "الصوت سيئ. قد تساعد شبكة أفضل." },
  others: "طرق أخرى للتواصل معنا",
  chat: "تحدث معنا كتابة",
  callback: "اطلب أن نتصل بك",
};

const ALL: Readonly<Record<string, Words>> = { sv, en, fi, ar };
const RIGHT_TO_LEFT = ["ar"];

export function wordsOf(language: string): Words {
  return ALL[language] ?? en;
}

export function directionOf(language: string): "rtl" | "ltr" {
  return RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
}
