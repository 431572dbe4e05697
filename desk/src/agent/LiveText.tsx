/** A text telephone: each reads along while the other writes (RFC 4103). Lines that are over are in the conversation. */

import { useEffect, useRef, useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import type { TextView } from "../api/types";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";

const WAIT_S = 20;
const PAUSE_MS = 1000;
const BACK = "\b";
const LINE_END = "\n";

export function LiveText({ contact, writable }: { readonly contact: string; readonly writable: boolean }): ReactNode {
  const words = useWords();
  const seen = useText(contact);
  return (
    <>
      <p className="message citizen" dir="auto" role="group" aria-label={words.conversation.typing}>
        {seen?.citizen || "…"}
      </p>
      {writable ? <Line contact={contact} seen={seen} /> : null}
    </>
  );
}

function Line({ contact, seen }: { readonly contact: string; readonly seen: TextView | undefined }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [line, setLine] = useState("");
  const unsent = useRef("");
  const sending = useRef(false);

  useEffect(() => {
    // Nobody went on with it, so it is over and among the messages.
    if (seen?.agent === "" && !sending.current) setLine("");
  }, [seen?.messages]);

  const send = async (): Promise<void> => {
    sending.current = true;
    try {
      while (unsent.current !== "") {
        const text = unsent.current;
        unsent.current = "";
        await act("POST", `/contacts/${contact}/text`, { text });
      }
    } finally {
      sending.current = false;
    }
  };
  const write = (characters: string): void => {
    unsent.current += characters;
    if (!sending.current) void doing.run(send);
  };
  const change = (next: string): void => {
    write(difference(line, next));
    setLine(next);
  };
  const end = (): void => {
    write(LINE_END);
    setLine("");
  };

  return (
    <div className="column">
      <Field
        label={words.conversation.write}
        value={line}
        onChange={change}
        onKeyDown={(event) => {
          if (event.key === "Enter") end();
        }}
      />
      <p className="faint">{words.conversation.readsAlong}</p>
      <div className="row">
        <Push look="main" onPress={end}>
          {words.conversation.send}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
    </div>
  );
}

/** What is to be written so that one line becomes another: characters taken back from its end, and new ones. */
function difference(before: string, after: string): string {
  const old = [...before];
  const now = [...after];
  const same = now.findIndex((character, place) => character !== old[place]);
  const common = same === -1 ? now.length : same;
  return BACK.repeat(old.length - common) + now.slice(common).join("");
}

/** What both are writing, as soon as it changes. */
function useText(contact: string): TextView | undefined {
  const [seen, setSeen] = useState<TextView>();
  useEffect(() => {
    let here = true;
    let since = "";
    const read = async (): Promise<void> => {
      while (here) {
        const query = new URLSearchParams(since === "" ? {} : { since, wait: String(WAIT_S) });
        try {
          const view = await get<TextView>(`/contacts/${contact}/text?${query}`);
          since = view.version;
          if (here) setSeen(view);
        } catch {
          // The contact is over, or the engine is away: the desk says which.
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      }
    };
    void read();
    return () => {
      here = false;
    };
  }, [contact]);
  return seen;
}
