/** A form that was filled in, for whoever has it in hand. */

import { useEffect, useState, type ReactNode } from "react";

import { get } from "../api/client";
import type { AnswerView, ContactView, FilledView } from "../api/types";
import { Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";

const LETTER = 1;

export function FilledForm({ contact }: { readonly contact: ContactView }): ReactNode {
  const { words, locale } = useTongue();
  const { run, trouble } = useDoing();
  const [form, setForm] = useState<FilledView>();
  useEffect(() => {
    void run(async () => setForm(await get<FilledView>(`/contacts/${contact.id}/form`)));
  }, [contact.id]); // once: an answer to a form does not change
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <section className="card" aria-label={words.guide.form.answers}>
      <h2 dir="auto">{form?.title ?? words.channel["form"]}</h2>
      {form === undefined ? null : (
        <>
          <p className="faint">
            {form.by === "citizen" ? words.guide.form.byCitizen : words.guide.form.by(form.by)}
            {form.at === null ? "" : ` · ${time.format(form.at * 1000)}`}
            {form.reference === "" ? "" : ` · ${form.reference}`}
          </p>
          <dl className="facts">
            {form.answers.map((one) => (
              <div key={one.name} className="pair">
                <dt dir="auto">{one.label}</dt>
                <dd dir="auto">
                  <Answer contact={contact.id} answer={one} />
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <Trouble text={trouble} />
    </section>
  );
}

function Answer({ contact, answer }: { readonly contact: string; readonly answer: AnswerView }): ReactNode {
  const { words } = useTongue();
  const files = answer.photos ?? [];
  if (files.length > 0) {
    return (
      <ul className="listed">
        {files.map((file) => (
          <li key={file}>
            <a href={`/api/v1/contacts/${contact}/messages/${LETTER}/attachments/${file}`} download={file}>
              {file}
            </a>
          </li>
        ))}
      </ul>
    );
  }
  if (answer.seconds != null) {
    const name = encodeURIComponent(answer.name);
    return <audio controls preload="none" src={`/api/v1/contacts/${contact}/answers/${name}`} aria-label={answer.label} />;
  }
  return (
    <>
      {answer.shown || answer.value}
      {answer.hidden === true ? <span className="faint"> {words.guide.form.hidden}</span> : null}
      {answer.from_photo ? <span className="faint"> {answer.from_photo}</span> : null}
    </>
  );
}
