/** What people did, were refused, and looked at: the access log, by day, by person and by kind. */

import { useEffect, useState, type FormEvent, type ReactNode } from "react";

import { houseTime } from "../api/clock";
import type { Line } from "../api/types";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { useTongue, useWords } from "../words";
import { lines, type Which } from "./accounts";

const KINDS = ["signed_in", "signed_out", "acted", "refused", "looked", "exported", "erased", "deleted"] as const;
type Kind = (typeof KINDS)[number];

export function AccessLog(): ReactNode {
  const { admin: words } = useWords();
  const { locale } = useTongue();
  const [day, setDay] = useState(today);
  const [by, setBy] = useState("");
  const [kind, setKind] = useState<Kind | "">("");
  const [found, setFound] = useState<readonly Line[]>();
  const [next, setNext] = useState<number | null>(null);
  const doing = useDoing();
  const which: Which = { day, by, kinds: kind === "" ? [] : [kind] };
  const look = (beyond: number): void =>
    void doing.run(async () => {
      const page = await lines(which, beyond);
      setFound(beyond === 0 ? page.lines : [...(found ?? []), ...page.lines]);
      setNext(page.next ?? null);
    });
  useEffect(() => look(0), []);
  const search = (event: FormEvent): void => {
    event.preventDefault();
    look(0);
  };
  const kinds: [Kind | "", string][] = [["", words.every], ...KINDS.map((one): [Kind, string] => [one, words.kinds[one]])];

  return (
    <div className="board">
      <h2>{words.log}</h2>
      <form className="row log-search" onSubmit={search} role="search" aria-label={words.log}>
        <Field label={words.day} value={day} onChange={setDay} type="date" />
        <Field label={words.by} value={by} onChange={setBy} />
        <Choice label={words.kind} options={kinds} value={kind} onChange={setKind} />
        <Push look="main" type="submit" isDisabled={doing.busy}>
          {words.show}
        </Push>
      </form>
      <Trouble text={doing.trouble} />
      <p role="status" className="faint">
        {found === undefined ? "" : found.length === 0 ? words.nothing : words.shown(found.length)}
      </p>
      {found === undefined || found.length === 0 ? null : (
        <table>
          <caption className="unseen">{words.log}</caption>
          <thead>
            <tr>
              <th scope="col">{words.at}</th>
              <th scope="col">{words.by}</th>
              <th scope="col">{words.kind}</th>
              <th scope="col">{words.what}</th>
            </tr>
          </thead>
          <tbody>
            {found.map((line) => (
              <tr key={line.n}>
                <td className="number">{new Date(line.at * 1000).toLocaleString(locale, { dateStyle: "short", timeStyle: "medium" })}</td>
                <th scope="row">
                  <bdi>{who(line) || words.unknown}</bdi>
                </th>
                <td>
                  <span className={line.kind === "refused" ? "badge warn" : "badge"}>{words.kinds[line.kind]}</span>
                </td>
                <td>
                  <bdi dir="ltr">{what(line)}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {next === null ? null : (
        <Push isDisabled={doing.busy} onPress={() => look(next)}>
          {words.more}
        </Push>
      )}
    </div>
  );
}

/** The account, without the letters of one of its sessions. */
function who(line: Line): string {
  return String(line.what["by"] ?? "").split(".")[0] ?? "";
}

/** What a line tells besides, in the words of the API. */
function what(line: Line): string {
  const { by, role, about, what: asked, ...rest } = line.what;
  const named = Object.entries((about ?? {}) as Record<string, string>);
  const path = named.reduce((text, [name, value]) => text.replace(`{${name}}`, value), String(asked ?? ""));
  const more = Object.entries(rest)
    .filter(([, value]) => value !== "" && value !== false)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(" ") : String(value)}`);
  return [path, ...more].filter((part) => part !== "").join(" · ");
}

/** As a date field wants it. */
function today(): string {
  const now = new Date(houseTime() * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
