/** A guide fills in a form for somebody: it becomes a contact of the same matter, in the queue of the form. */

import { useState, type ReactNode } from "react";

import { act } from "../api/client";
import type { ContactView, FieldView, FilledIn, FormView } from "../api/types";
import type { HouseWords } from "../agent/house";
import { Choice, Field, Push, titled, Trouble, useDoing } from "../ui/controls";
import { KEYS } from "../ui/keys";
import { useTongue, type Language } from "../words";
import { useBegun } from "./begun";
import { filesIn, Photos } from "./Photos";

interface PanelProps {
  readonly contact: ContactView;
  readonly house: HouseWords;
}

/** Fields whose text has several lines. */
const LONG = 5;
const NOT_SAID = "-";

export function FormPanel({ contact, house }: PanelProps): ReactNode {
  const { words, language } = useTongue();
  const [open, setOpen] = useState(false);
  const [chosen, choose] = useState<string | null>(house.forms.length === 1 ? (house.forms[0]?.form ?? null) : null);
  const [sent, setSent] = useState("");
  const form = house.forms.find((one) => one.form === chosen);
  const done = (filled: FilledIn, of: FormView): void => {
    setOpen(false);
    setSent(words.guide.form.sent(titled(of.title, language), house.queues.get(of.queue) ?? of.queue, filled.reference ?? ""));
  };
  if (house.forms.length === 0) return null;
  return (
    <section className="card" aria-label={words.guide.form.open}>
      <Push
        look="quiet"
        shortcut={KEYS.form}
        aria-expanded={open}
        onPress={() => {
          setSent("");
          setOpen(!open);
        }}
      >
        {words.guide.form.open}
      </Push>
      <p role="status" className={sent === "" ? "unseen" : ""}>
        {sent}
      </p>
      {open ? (
        <>
          {house.forms.length === 1 ? null : (
            <Choice
              label={words.guide.form.which}
              options={house.forms.map((one) => [one.form, titled(one.title, language)] as const)}
              value={chosen}
              onChange={choose}
              placeholder={words.wrapUp.choose}
            />
          )}
          {form === undefined ? null : <Fields key={form.form} form={form} contact={contact} onDone={(filled) => done(filled, form)} />}
        </>
      ) : null}
    </section>
  );
}

interface FieldsProps {
  readonly form: FormView;
  readonly contact: ContactView;
  readonly onDone: (filled: FilledIn) => void;
}

function Fields({ form, contact, onDone }: FieldsProps): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  const [values, change, forget] = useBegun(contact.id, `form ${form.form}`, sensitive(form));
  const [mistakes, setMistakes] = useState<Readonly<Record<string, string>>>({});
  const send = (): void => {
    setMistakes({});
    void doing.run(async () => {
      const asked = form.fields.filter((one) => one.kind === "photo");
      const photos = Object.fromEntries(asked.map((one) => [one.name, filesIn(values[one.name])]));
      const filled = await act<FilledIn>("POST", `/forms/${form.form}`, { values, photos, contact: contact.id });
      const wrong = filled.mistakes ?? [];
      setMistakes(Object.fromEntries(wrong.map((one) => [one.field, words.guide.form.causes[one.cause] ?? one.text])));
      if (wrong.length > 0) return;
      forget();
      onDone(filled);
    });
  };
  return (
    <form
      className="column"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {form.fields.map((one) => {
        const asked = {
          field: one,
          value: values[one.name] ?? "",
          onChange: (value: string) => change({ [one.name]: value }),
          error: mistakes[one.name],
        };
        return one.kind === "photo" ? <Photos key={one.name} contact={contact} {...asked} /> : <Asked key={one.name} {...asked} />;
      })}
      <Trouble text={doing.trouble || (Object.keys(mistakes).length === 0 ? "" : words.guide.form.mend)} />
      <div className="row">
        <Push type="submit" look="main" isDisabled={doing.busy}>
          {words.guide.form.send}
        </Push>
      </div>
    </form>
  );
}

/** Fields whose answers are not kept as they are, wherever that is. */
function sensitive(form: FormView): readonly string[] {
  return form.fields.filter((one) => one.sensitive !== "").map((one) => one.name);
}

interface AskedProps {
  readonly field: FieldView;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
}

const INPUTS: Readonly<Record<string, string>> = { number: "text", date: "date", phone: "tel", mail: "email" };

function Asked({ field, value, onChange, error }: AskedProps): ReactNode {
  const { words, language } = useTongue();
  const name = titled(field.label, language);
  const label = field.required ? name : `${name} (${words.guide.form.optional})`;
  const hint = titled(field.hint, language);
  const options = optionsOf(field, language, words.guide.form);
  return (
    <div>
      {options.length > 0 ? (
        <>
          <Choice
            label={label}
            options={field.required ? options : [[NOT_SAID, words.guide.form.notSaid], ...options]}
            value={value === "" ? (field.required ? null : NOT_SAID) : value}
            onChange={(chosen) => onChange(chosen === NOT_SAID ? "" : chosen)}
            placeholder={words.wrapUp.choose}
          />
          <Trouble text={error ?? ""} />
        </>
      ) : (
        <Field
          label={label}
          value={value}
          onChange={onChange}
          error={error}
          type={INPUTS[field.kind] ?? "text"}
          {...(field.kind === "long" ? { lines: LONG } : {})}
        />
      )}
      {hint === "" ? null : <p className="faint">{hint}</p>}
    </div>
  );
}

/** Among what one chooses; nothing for what is written. */
function optionsOf(field: FieldView, language: Language, words: { yes: string; no: string }): readonly (readonly [string, string])[] {
  if (field.kind === "yes-no") return [["yes", words.yes], ["no", words.no]];
  return Object.entries(field.choices).map(([name, titles]) => [name, titled(titles, language) || name] as const);
}
