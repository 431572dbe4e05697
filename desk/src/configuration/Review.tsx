/** A change before it is in force: its mistakes, what it makes different, and why it is made. */

import { useEffect, useState, type FormEvent, type ReactNode } from "react";

import type { Alteration, Checked, Difference, Published } from "../api/types";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";
import { check, difference, publish, type Proposal } from "./calls";

type Problem = Checked["problems"][number];

interface Props {
  readonly proposal: Proposal;
  readonly onPublished: (published: Published) => void;
  readonly onBack: () => void;
  /** Go to where a mistake is. */
  readonly onGo?: (problem: Problem) => void;
}

export function Review({ proposal, onPublished, onBack, onGo }: Props): ReactNode {
  const { configuration: words, house } = useWords();
  const [problems, setProblems] = useState<readonly Problem[]>();
  const [different, setDifferent] = useState<Difference>();
  const [why, setWhy] = useState("");
  const doing = useDoing();
  useEffect(
    () =>
      void doing.run(async () => {
        setProblems((await check(proposal)).problems);
        setDifferent(await difference(proposal));
      }),
    [],
  );
  const send = (event: FormEvent): void => {
    event.preventDefault();
    void doing.run(async () => onPublished(await publish(proposal, why.trim())));
  };
  const ready = problems !== undefined && different !== undefined;

  return (
    <section className="card" aria-label={words.review}>
      <h3>{words.review}</h3>
      <Trouble text={doing.trouble} />
      <div role="status">
        {ready ? problems.length === 0 ? <p>{words.noMistakes}</p> : <p className="bad">{words.mistakes(problems.length)}</p> : <p>{doing.trouble === "" ? house.loading : ""}</p>}
      </div>
      {problems === undefined || problems.length === 0 ? null : <Problems problems={problems} onGo={onGo} />}
      {different === undefined ? null : <Different different={different} />}
      {ready && problems.length === 0 ? (
        <form className="row log-search" onSubmit={send}>
          <div className="grow">
            <Field label={words.why} value={why} onChange={setWhy} required />
          </div>
          <Push look="main" type="submit" isDisabled={doing.busy || why.trim().length < 3 || different.files.length === 0}>
            {words.publish}
          </Push>
        </form>
      ) : null}
      <div className="row">
        <Push onPress={onBack}>{words.back}</Push>
      </div>
    </section>
  );
}

function Problems({ problems, onGo }: { readonly problems: readonly Problem[]; readonly onGo: Props["onGo"] }): ReactNode {
  return (
    <ul className="listed problems">
      {problems.map((one) => {
        const place = one.line > 0 ? `${one.file}:${one.line}` : one.file;
        return (
          <li key={`${place} ${one.field} ${one.text}`}>
            {onGo === undefined ? (
              <strong dir="ltr">{place}</strong>
            ) : (
              <Push look="quiet" onPress={() => onGo(one)}>
                <bdi dir="ltr">{place}</bdi>
              </Push>
            )}{" "}
            <span dir="ltr" lang="en">
              {one.field === "" ? "" : `${one.field}: `}
              {one.text}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Different({ different }: { readonly different: Difference }): ReactNode {
  const { configuration: words } = useWords();
  const { changes = [], more = false, at_start: atStart = [] } = different;
  return (
    <>
      {changes.length === 0 ? null : (
        <ul>
          {changes.map((one) => (
            <li key={JSON.stringify(one)}>{told(one, words)}</li>
          ))}
          {more ? <li>{words.more}</li> : null}
        </ul>
      )}
      {atStart.length === 0 ? null : <p className="banner">{words.atStart(atStart.join(", "))}</p>}
      {different.files.length === 0 ? <p>{words.nothing}</p> : null}
      {different.files.map((file) => (
        <figure key={file.file} className="difference">
          <figcaption>
            <bdi dir="ltr">{file.file}</bdi> · {words.files[file.what]}
          </figcaption>
          <pre dir="ltr" tabIndex={0} aria-label={words.linesOf(file.file)}>
            {file.lines.map((line, number) => (
              <span key={number} className={kindOf(line)}>
                {line}
                {"\n"}
              </span>
            ))}
          </pre>
        </figure>
      ))}
    </>
  );
}

/** Whether a line comes, goes or stays; the sign at its beginning says so too. */
function kindOf(line: string): string {
  return line.startsWith("@@") ? "place" : line.startsWith("+") ? "comes" : line.startsWith("-") ? "goes" : "stays";
}

function told(change: Alteration, words: ReturnType<typeof useWords>["configuration"]): string {
  const { name, of = "", before = 0, after = 0 } = change;
  switch (change.what) {
    case "joined":
      return words.joined(name, of);
    case "left":
      return words.left(name, of);
    case "skill":
      return words.skill(name, of, before, after);
    default:
      return words.changes[change.what](words.kinds[change.kind], name);
  }
}
