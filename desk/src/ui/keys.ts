/**
 * The letters that, with Ctrl and Alt, press a button (docs/desk.md). Each is one button's alone.
 *
 * E and the digits are left out: with AltGr, which is Ctrl and Alt on Windows, they write € and brackets.
 */
export const KEYS = {
  accept: "T",
  decline: "L",
  ready: "R",
  call: "N",
  note: "W",
  visitor: "V",
  hold: "H",
  park: "P",
  connect: "C",
  resume: "J",
  swap: "S",
  drop: "M",
  recording: "I",
  callAgain: "Y",
  noShow: "Z",
  notReached: "O",
  forward: "K",
  toQueue: "Q",
  handBack: "B",
  help: "A",
  finish: "X",
  form: "F",
  done: "D",
  extend: "U",
  shortcuts: "G",
} as const;

export type Action = keyof typeof KEYS;
