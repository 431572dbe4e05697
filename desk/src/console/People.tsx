/** Finding somebody of the city as one types, and doing something with whoever is found: by keys alone, in two strokes. */

import { useEffect, useReducer, useRef, useState, type ReactNode } from "react";
import { Autocomplete, Input, Label, ListBox, ListBoxItem, SearchField } from "react-aria-components";

import { act } from "../api/client";
import type { Hits, ViewsPersonView } from "../api/types";
import { Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";

export type Person = ViewsPersonView;

const PAUSE_MS = 60;
const SHOWN = 12;

interface PeopleProps {
  /** What Enter does, and Ctrl with Enter (`ask`). */
  readonly onChoose: (person: Person, ask: boolean) => void;
  readonly hint: string;
  readonly autoFocus?: boolean;
}

export function People({ onChoose, hint, autoFocus = false }: PeopleProps): ReactNode {
  const { words, language } = useTongue();
  const { run, trouble } = useDoing();
  const [typed, setTyped] = useState("");
  const [hits, setHits] = useState<readonly Person[]>([]);
  /** A field that was used still names the person who was chosen as the one it points at; the next one is new. */
  const [used, takeNext] = useReducer((count: number) => count + 1, 0);
  const asks = useRef(false);
  const newest = useRef("");

  useEffect(() => {
    newest.current = typed;
    if (typed.trim() === "") {
      setHits([]);
      return;
    }
    const timer = setTimeout(() => {
      void run(async () => {
        const found = await act<Hits>("POST", "/directory/search", { typed, limit: SHOWN, language });
        // An answer to fewer letters may come after one to more.
        if (newest.current === typed) setHits(found.hits);
      });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, language]);

  return (
    <section
      className="card people"
      aria-label={words.people.title}
      onKeyDownCapture={(event) => {
        asks.current = event.ctrlKey || event.metaKey;
      }}
    >
      <Autocomplete key={used} inputValue={typed} onInputChange={setTyped}>
        <SearchField className="field" autoFocus={autoFocus || used > 0}>
          <Label>{words.people.title}</Label>
          <Input placeholder={words.people.placeholder} autoComplete="off" spellCheck={false} />
        </SearchField>
        <ListBox
          className="options"
          aria-label={words.people.found}
          selectionMode="none"
          items={hits}
          onAction={(key) => {
            const person = hits.find((one) => one.id === key);
            if (person === undefined) return;
            setTyped("");
            takeNext();
            onChoose(person, asks.current);
          }}
          renderEmptyState={() => <p className="faint">{typed.trim() === "" ? hint : words.people.nobody}</p>}
        >
          {(one) => (
            <ListBoxItem id={one.id} className="option person" textValue={one.label}>
              <Entry person={one} />
            </ListBoxItem>
          )}
        </ListBox>
      </Autocomplete>
      <Trouble text={trouble} />
    </section>
  );
}

function Entry({ person }: { readonly person: Person }): ReactNode {
  const { words } = useTongue();
  const { standing } = person;
  const state = person.busy === true ? words.people.busy : (standing.says ?? words.people[standing.state]);
  const look = person.busy === true || standing.state === "absent" ? "warn" : standing.state === "present" ? "good" : "";
  return (
    <>
      <span>
        <strong>{person.label}</strong> {person.title}
        <br />
        <span className="faint">{(person.department ?? []).join(" / ")}</span>
      </span>
      <span className="number">{person.extension || person.direct}</span>
      <span className={`badge ${look}`}>{state}</span>
    </>
  );
}
