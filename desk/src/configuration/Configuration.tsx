/** The configuration as files: looked at, changed, published, and taken back. */

import { useState, type FormEvent, type ReactNode } from "react";

import { useLevel } from "../api/level";
import type { Checked, FilesView, Published, VersionsView } from "../api/types";
import { Field, Push, Trouble } from "../ui/controls";
import { useWords } from "../words";
import { files, versions, type Files, type Proposal } from "./calls";
import { Editor } from "./Editor";
import { Review } from "./Review";
import { Versions } from "./Versions";

type Problem = Checked["problems"][number];

interface Seen {
  readonly folder: FilesView;
  readonly published: VersionsView;
}

const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
/** What a house cannot be without. */
const NEEDED = ["vaxel.yaml", "queues.yaml", "agents.yaml", "numbers.yaml", "prompts.yaml"];

/** What is in the folder, seen anew after each reload: a new engine begins the stream of events anew. */
export function useFolder(): ReturnType<typeof useLevel<Seen>> {
  return useLevel<Seen>(() => ({
    look: async () => ({ folder: await files(), published: await versions() }),
    concerns: () => false,
  }));
}

export function Configuration(): ReactNode {
  const { configuration: words, house } = useWords();
  const { seen, refused, live, look } = useFolder();
  const [proposal, propose] = useState<Proposal | null>(null);
  const [published, tell] = useState<Published | null>(null);
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const [place, go] = useState<{ file: string; line: number }>();
  const [found, setFound] = useState<readonly Problem[]>([]);
  if (seen === undefined) {
    return (
      <div className="board">
        <Trouble text={refused?.message ?? ""} />
        {refused === undefined ? <p className="banner">{house.loading}</p> : null}
      </div>
    );
  }
  const { folder } = seen;
  const done = (what: Published): void => {
    tell(what);
    propose(null);
    setDraft(NOTHING);
    setFound([]);
    look();
  };

  return (
    <div className="board">
      <h2>{words.title}</h2>
      <Trouble text={refused?.message ?? ""} />
      <State folder={folder} published={published} live={live} />
      {proposal === null ? (
        <>
          <FileList
            folder={folder}
            draft={draft}
            onDraft={setDraft}
            place={place}
            found={found}
            onReview={() => propose({ base: draft.base, files: draft.files })}
          />
          <Versions
            seen={seen.published}
            folder={folder}
            onBack={folder.read_only === "" && Object.keys(draft.files).length === 0 ? (version) => propose({ base: folder.version, version }) : undefined}
          />
        </>
      ) : (
        <Review
          proposal={proposal}
          onPublished={done}
          onBack={() => propose(null)}
          onGo={(problem) => {
            setFound([...found.filter((one) => one.file !== problem.file), problem]);
            go({ file: problem.file, line: problem.line });
            setDraft({ ...draft, shown: problem.file });
            propose(null);
          }}
        />
      )}
    </div>
  );
}

/** What somebody has changed and not published yet. */
interface Draft {
  readonly base: string;
  readonly files: Files;
  readonly shown: string;
}

const NOTHING: Draft = { base: "", files: {}, shown: "queues.yaml" };

function State({ folder, published, live }: { readonly folder: FilesView; readonly published: Published | null; readonly live: boolean }): ReactNode {
  const { configuration: words } = useWords();
  const runs = live && folder.running === folder.version;
  return (
    <>
      {folder.read_only === "" ? null : (
        <p className="banner">
          {words.readOnly}{" "}
          <span lang="en" dir="ltr">
            {folder.read_only}.
          </span>
        </p>
      )}
      <p role="status">
        {published === null ? "" : runs ? words.inForce : words.reloading}{" "}
        {published === null || published.at_start.length === 0 ? "" : words.atStart(published.at_start.join(", "))}
      </p>
    </>
  );
}

interface ListProps {
  readonly folder: FilesView;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly place: { readonly file: string; readonly line: number } | undefined;
  readonly found: readonly Problem[];
  readonly onReview: () => void;
}

function FileList({ folder, draft, onDraft, place, found, onReview }: ListProps): ReactNode {
  const { configuration: words } = useWords();
  const changed = Object.keys(draft.files);
  const names = [...new Set([...Object.keys(folder.files), ...changed])].sort();
  const shown = names.includes(draft.shown) ? draft.shown : (names[0] ?? "");
  const text = (file: string): string | null => (file in draft.files ? (draft.files[file] ?? null) : (folder.files[file] ?? ""));
  const put = (file: string, now: string | null): void => {
    const { [file]: _, ...others } = draft.files;
    const same = now === (folder.files[file] ?? null);
    const next = same ? others : { ...others, [file]: now };
    onDraft({ base: Object.keys(draft.files).length === 0 ? folder.version : draft.base, files: next, shown: file });
  };
  const here = text(shown);

  return (
    <div className="files">
      <nav aria-label={words.list}>
        <ul className="listed">
          {names.map((file) => (
            <li key={file}>
              <Push look={file === shown ? "main" : "quiet"} aria-current={file === shown} onPress={() => onDraft({ ...draft, shown: file })}>
                <bdi dir="ltr">{file}</bdi>
                {changed.includes(file) ? <span> · {text(file) === null ? words.files.removed : words.files.changed}</span> : null}
              </Push>
            </li>
          ))}
        </ul>
        {folder.read_only === "" ? <NewFlow known={names} onAdd={(file) => put(file, "start: hang_up\n")} /> : null}
      </nav>
      <div className="column">
        {here === null ? (
          <p className="banner">{words.goes(shown)}</p>
        ) : (
          <Editor
            key={shown}
            file={shown}
            text={here}
            onChange={(now) => put(shown, now)}
            readOnly={folder.read_only !== ""}
            wrong={found.filter((one) => one.file === shown).map((one) => one.line)}
            place={place?.file === shown ? place : undefined}
          />
        )}
        {folder.read_only !== "" ? null : (
          <div className="row">
            <Push look="main" isDisabled={changed.length === 0} onPress={onReview}>
              {words.review}
            </Push>
            <Push isDisabled={!changed.includes(shown)} onPress={() => put(shown, folder.files[shown] ?? null)}>
              {words.undo}
            </Push>
            {NEEDED.includes(shown) || here === null ? null : (
              <Push look="danger" onPress={() => put(shown, null)}>
                {words.remove}
              </Push>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

function NewFlow({ known, onAdd }: { readonly known: readonly string[]; readonly onAdd: (file: string) => void }): ReactNode {
  const { configuration: words } = useWords();
  const [name, setName] = useState("");
  const file = `flows/${name.trim()}.yaml`;
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (!NAME.test(name.trim()) || known.includes(file)) return;
    onAdd(file);
    setName("");
  };
  return (
    <form className="column new-flow" onSubmit={add}>
      <Field label={words.newFlow} value={name} onChange={setName} error={name === "" || NAME.test(name.trim()) ? undefined : words.flowName} />
      <Push type="submit" isDisabled={!NAME.test(name.trim()) || known.includes(file)}>
        {words.add}
      </Push>
    </form>
  );
}
