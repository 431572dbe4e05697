/** A few words to one colleague: shown on that one's desk until they are read. No contact, and no citizen's business. */

import { useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import type { Colleague, Colleagues } from "../api/types";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { KEYS } from "../ui/keys";
import { useWords } from "../words";

/** Characters; the engine takes no more. */
const LONGEST = 500;

export function ColleagueNote(): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [open, setOpen] = useState(false);
  const [there, setThere] = useState<readonly Colleague[]>();
  const [to, setTo] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [sent, setSent] = useState("");
  const toggle = (): void => {
    setSent("");
    setOpen(!open);
    if (open) return;
    void doing.run(async () => {
      const { colleagues } = await get<Colleagues>("/colleagues");
      setThere(colleagues.filter((one) => one.at_work));
    });
  };
  const addressee = there?.find((one) => one.agent === to);
  const send = (): void => {
    if (addressee === undefined) return;
    void doing.run(() => act("POST", `/agents/${addressee.agent}/notices`, { text: text.trim() })).then((done) => {
      if (!done) return;
      setText("");
      setSent(words.guide.note.sent(addressee.name));
    });
  };
  const left = LONGEST - text.trim().length;
  return (
    <div className="column">
      <Push shortcut={KEYS.note} aria-expanded={open} onPress={toggle}>
        {words.guide.note.open}
      </Push>
      {open ? (
        <section className="card" aria-label={words.guide.note.open}>
          {there?.length === 0 ? (
            <p className="faint">{words.guide.note.nobody}</p>
          ) : (
            <>
              <Choice
                label={words.guide.note.to}
                options={(there ?? []).map((one) => [one.agent, one.name] as const)}
                value={to}
                onChange={(chosen) => {
                  setTo(chosen);
                  setSent("");
                }}
                placeholder={words.wrapUp.choose}
              />
              <Field label={words.guide.note.text} value={text} onChange={setText} lines={3} />
              <p className="faint">{left < 100 ? words.guide.note.left(left) : words.guide.note.why}</p>
              <div className="row">
                <Push look="main" isDisabled={doing.busy || addressee === undefined || text.trim() === "" || left < 0} onPress={send}>
                  {words.guide.note.send}
                </Push>
                <span role="status">{sent}</span>
              </div>
            </>
          )}
          <Trouble text={doing.trouble} />
        </section>
      ) : null}
    </div>
  );
}
