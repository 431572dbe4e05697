/** Who serves which queues and has which skills: changed for several at once, and published like any other change. */

import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";

import type { Edited, Member, Members as Listed, Published } from "../api/types";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { byName, named } from "../ui/named";
import { useTongue, useWords } from "../words";
import { edited, members } from "./calls";
import { useFolder } from "./Configuration";
import { Review } from "./Review";

type Agents = Readonly<Record<string, Member>>;
type Levels = Readonly<Record<string, number>>;

export function Members(): ReactNode {
  const { configuration: words, house } = useWords();
  const { seen, live, look } = useFolder();
  const [known, setKnown] = useState<Listed>();
  const [draft, setDraft] = useState<Agents>({});
  const [open, setOpen] = useState("");
  const [within, setWithin] = useState("");
  const [review, setReview] = useState<Edited | null>(null);
  const [published, tell] = useState<Published | null>(null);
  const doing = useDoing();
  const version = seen?.folder.version;
  useEffect(() => void doing.run(async () => setKnown(await members())), [version]);
  if (known === undefined || seen === undefined) {
    return (
      <div className="board">
        <Trouble text={doing.trouble} />
        {doing.trouble === "" ? <p className="banner">{house.loading}</p> : null}
      </div>
    );
  }
  const { folder } = seen;
  const of = (agent: string): Member => draft[agent] ?? known.agents[agent] ?? { queues: {}, skills: {} };
  const names = Object.keys(known.agents).filter((agent) => fits(agent, of(agent), known, within));
  const done = (what: Published): void => {
    tell(what);
    setReview(null);
    setDraft({});
    look();
  };
  const put = (agent: string, member: Member): void => {
    setDraft({ ...draft, [agent]: member });
    setOpen("");
  };

  return (
    <div className="board">
      <h2>{words.members}</h2>
      <Trouble text={doing.trouble} />
      {folder.read_only === "" ? null : <p className="banner">{words.readOnly}</p>}
      <p role="status">{published === null ? "" : live && folder.running === folder.version ? words.inForce : words.reloading}</p>
      {review !== null ? (
        <Review proposal={{ base: review.base, files: review.files }} onPublished={done} onBack={() => setReview(null)} />
      ) : (
        <>
          <div className="row log-search">
            <Field label={words.filter} value={within} onChange={setWithin} />
            {folder.read_only !== "" ? null : (
              <Push
                look="main"
                isDisabled={Object.keys(draft).length === 0 || doing.busy}
                onPress={() => void doing.run(async () => setReview(await edited(draft)))}
              >
                {words.review}
              </Push>
            )}
          </div>
          {open === "" ? null : <MemberForm key={open} agent={open} member={of(open)} known={known} draft={draft} onPut={(one) => put(open, one)} onBack={() => setOpen("")} />}
          <table>
            <caption className="unseen">{words.members}</caption>
            <thead>
              <tr>
                <th scope="col">{words.agent}</th>
                <th scope="col">{words.queues}</th>
                <th scope="col">{words.skills}</th>
                {folder.read_only !== "" ? null : <th scope="col">{words.change}</th>}
              </tr>
            </thead>
            <tbody>
              {names.map((agent) => (
                <tr key={agent}>
                  <th scope="row">
                    <bdi>{agent}</bdi> {agent in draft ? <span className="badge warn">{words.files.changed}</span> : null}
                  </th>
                  <td>
                    <Listing levels={of(agent).queues} titles={known.queues} plain={1} />
                  </td>
                  <td>
                    <Listing levels={of(agent).skills} titles={known.skills} plain={0} />
                  </td>
                  {folder.read_only !== "" ? null : (
                    <td>
                      <Push aria-label={`${words.change}: ${agent}`} aria-expanded={open === agent} onPress={() => setOpen(open === agent ? "" : agent)}>
                        {words.change}
                      </Push>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
          <p role="status" className="faint">
            {words.found(names.length)}
          </p>
        </>
      )}
    </div>
  );
}

function Listing({ levels, titles, plain }: { readonly levels: Levels; readonly titles: Readonly<Record<string, string>>; readonly plain: number }): ReactNode {
  const all = Object.entries(levels);
  if (all.length === 0) return "–";
  return all.map(([name, level], number) => (
    <span key={name}>
      {number === 0 ? "" : ", "}
      <bdi>
        {titles[name] || name}
        {level === plain ? "" : ` ${level}`}
      </bdi>
    </span>
  ));
}

interface FormProps {
  readonly agent: string;
  readonly member: Member;
  readonly known: Listed;
  readonly draft: Agents;
  readonly onPut: (member: Member) => void;
  readonly onBack: () => void;
}

function MemberForm({ agent, member, known, draft, onPut, onBack }: FormProps): ReactNode {
  const {
    words: { configuration: words },
    locale,
  } = useTongue();
  const [queues, setQueues] = useState<Levels>(member.queues);
  const [skills, setSkills] = useState<Levels>(member.skills);
  const [fresh, setFresh] = useState("");
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const used = Object.values(draft).flatMap((one) => Object.keys(one.skills));
  const titles = new Map(Object.entries(known.skills));
  const all = byName([...titles.keys(), ...used, ...Object.keys(skills)], titles, locale);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    onPut({ queues, skills });
  };
  const tiers = levels(9, words.servesNot, words.tier);
  const degrees = levels(5, words.hasNot, words.level);

  return (
    <form className="card" onSubmit={save} aria-label={words.changeOf(agent)}>
      <h3 ref={head} tabIndex={-1}>
        {words.changeOf(agent)}
      </h3>
      <fieldset className="choices">
        <legend>{words.queues}</legend>
        {[...new Set([...Object.keys(known.queues), ...Object.keys(queues)])].map((queue) => (
          <Choice
            key={queue}
            label={known.queues[queue] || queue}
            options={tiers}
            value={String(queues[queue] ?? 0)}
            onChange={(level) => setQueues(put(queues, queue, level))}
          />
        ))}
      </fieldset>
      <fieldset className="choices">
        <legend>{words.skills}</legend>
        {all.map((skill) => (
          <Choice
            key={skill}
            label={named([skill], titles)}
            options={degrees}
            value={String(skills[skill] ?? 0)}
            onChange={(level) => setSkills(put(skills, skill, level))}
          />
        ))}
        <div className="row">
          <Field label={words.newSkill} value={fresh} onChange={setFresh} />
          <Push
            isDisabled={!/^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u.test(fresh)}
            onPress={() => {
              setSkills(put(skills, fresh, "1"));
              setFresh("");
            }}
          >
            {words.add}
          </Push>
        </div>
      </fieldset>
      <div className="row">
        <Push look="main" type="submit">
          {words.note}
        </Push>
        <Push onPress={onBack}>{words.back}</Push>
      </div>
    </form>
  );
}

/** Levels to choose from, 0 for none. */
function levels(most: number, none: string, named: (n: number) => string): [string, string][] {
  return [["0", none], ...Array.from({ length: most }, (_, n): [string, string] => [String(n + 1), named(n + 1)])];
}

function put(all: Levels, name: string, level: string): Levels {
  const { [name]: _, ...others } = all;
  if (level === "0") return others;
  // What is there keeps its place, so that only what changed is different.
  return name in all ? { ...all, [name]: Number(level) } : { ...others, [name]: Number(level) };
}

function fits(agent: string, member: Member, { queues, skills }: Listed, within: string): boolean {
  const wanted = within.trim().toLowerCase();
  const words = [
    ...Object.keys(member.queues).flatMap((queue) => [queue, queues[queue] ?? ""]),
    ...Object.keys(member.skills).flatMap((skill) => [skill, skills[skill] ?? ""]),
  ];
  return [agent, ...words].some((word) => word.toLowerCase().includes(wanted));
}
