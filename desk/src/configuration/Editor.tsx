/** One file as text, with the numbers of its lines beside it: a plain field, so that every keyboard and reader can use it. */

import { useEffect, useRef, type ReactNode, type UIEvent } from "react";

interface Props {
  readonly file: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly readOnly: boolean;
  /** Lines with mistakes. */
  readonly wrong: readonly number[];
  /** The line to go to; another object each time somebody wants to go there. */
  readonly place: { readonly line: number } | undefined;
}

export function Editor({ file, text, onChange, readOnly, wrong, place }: Props): ReactNode {
  const field = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const area = field.current;
    if (place === undefined || area === null) return;
    const before = area.value.split("\n").slice(0, Math.max(0, place.line - 1));
    const begin = before.reduce((sum, line) => sum + line.length + 1, 0);
    const end = area.value.indexOf("\n", begin);
    area.focus();
    area.setSelectionRange(begin, end < 0 ? area.value.length : end);
    area.scrollTop = (area.scrollHeight / area.value.split("\n").length) * Math.max(0, place.line - 5);
  }, [place]);
  const follow = (event: UIEvent<HTMLTextAreaElement>): void => {
    if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
  };

  return (
    <div className="editor" dir="ltr">
      <div className="gutter" ref={gutter} aria-hidden="true">
        {text.split("\n").map((_, number) => (
          <span key={number} className={wrong.includes(number + 1) ? "wrong" : ""}>
            {number + 1}
          </span>
        ))}
      </div>
      <textarea
        ref={field}
        aria-label={file}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onScroll={follow}
        readOnly={readOnly}
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
      />
    </div>
  );
}
