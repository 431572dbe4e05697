/** Who may sign in: a list, and a form to let somebody in or to change what one does. */

import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";

import type { Accounts as Listed, AccountView, FirstPassword } from "../api/types";
import { Choice, Field, Push, Trouble, useDoing } from "../ui/controls";
import { useTongue, useWords } from "../words";
import { accounts, add, allow, BOUND, change, DUTIES, EMPTY, newPassword, type Draft } from "./accounts";

export function Accounts(): ReactNode {
  const { admin: words, house } = useWords();
  const [known, setKnown] = useState<Listed>();
  const [edited, edit] = useState<AccountView | null>(null);
  const [first, tell] = useState<FirstPassword | null>(null);
  const doing = useDoing();
  const look = (): void => void doing.run(async () => setKnown(await accounts()));
  useEffect(look, []);
  const run = (work: () => Promise<AccountView | FirstPassword>): Promise<boolean> =>
    doing.run(async () => {
      tell(null);
      const done = await work();
      if ("password" in done) tell(done);
      setKnown(await accounts());
    });
  if (known === undefined) {
    return (
      <div className="board">
        <Trouble text={doing.trouble} />
        {doing.trouble === "" ? <p className="banner">{house.loading}</p> : null}
      </div>
    );
  }

  return (
    <div className="board">
      <h2>{words.accounts}</h2>
      <Trouble text={doing.trouble} />
      <div role="status">
        {first === null ? null : (
          <p className="card">
            <span>
              {words.first(first.account.name)}{" "}
              <strong>
                <bdi>{first.password}</bdi>
              </strong>
            </span>
            <span>{words.firstWhy}</span>
          </p>
        )}
      </div>
      <table>
        <caption className="unseen">{words.accounts}</caption>
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.duty}</th>
            <th scope="col">{words.departments}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.change}</th>
          </tr>
        </thead>
        <tbody>
          {known.accounts.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                <bdi>{one.title}</bdi>
                {one.title === one.name ? null : (
                  <span className="faint">
                    {" "}
                    <bdi>{one.name}</bdi>
                  </span>
                )}
              </th>
              <td>
                {words.duties[one.duty]}
                {one.agent === "" ? null : <span className="faint"> · {one.agent}</span>}
              </td>
              <td>{BOUND.includes(one.duty) ? <Departments ids={one.departments} known={known} /> : "–"}</td>
              <td>
                <State account={one} />
              </td>
              <td>
                <div className="row">
                  <Push aria-label={`${words.edit}: ${one.name}`} onPress={() => edit(one)}>
                    {words.edit}
                  </Push>
                  {one.elsewhere ? null : (
                    <Push aria-label={`${words.newPassword}: ${one.name}`} onPress={() => void run(() => newPassword(one.name))}>
                      {words.newPassword}
                    </Push>
                  )}
                  <Push
                    look={one.disabled ? "plain" : "danger"}
                    aria-label={`${one.disabled ? words.enable : words.disable}: ${one.name}`}
                    onPress={() => void run(() => allow(one.name, one.disabled))}
                  >
                    {one.disabled ? words.enable : words.disable}
                  </Push>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <AccountForm
        key={edited?.name ?? ""}
        edited={edited}
        known={known}
        onSave={(draft) => run(() => (edited === null ? add(draft) : change(draft)))}
        onDone={() => edit(null)}
      />
    </div>
  );
}

interface FormProps {
  readonly edited: AccountView | null;
  readonly known: Listed;
  readonly onSave: (draft: Draft) => Promise<boolean>;
  readonly onDone: () => void;
}

function AccountForm({ edited, known, onSave, onDone }: FormProps): ReactNode {
  const { admin: words } = useWords();
  const { language } = useTongue();
  const [draft, setDraft] = useState<Draft>(edited ?? EMPTY);
  const put = (part: Partial<Draft>): void => setDraft({ ...draft, ...part });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    void onSave(draft).then((done) => {
      if (!done) return;
      setDraft(EMPTY);
      onDone();
    });
  };
  const agents: [string, string][] = [["", words.noAgent], ...known.agents.map((id): [string, string] => [id, id])];

  return (
    <form className="card admin-form" onSubmit={save} aria-label={edited === null ? words.add : words.editOf(edited.name)}>
      <h3>{edited === null ? words.add : words.editOf(edited.name)}</h3>
      {edited === null ? <Field label={words.name} value={draft.name} onChange={(name) => put({ name })} required /> : null}
      <Field label={words.title} value={draft.title} onChange={(title) => put({ title })} autoFocus={edited !== null} />
      <Choice label={words.duty} options={DUTIES.map((duty) => [duty, words.duties[duty]] as const)} value={draft.duty} onChange={(duty) => put({ duty })} />
      <Choice label={words.agent} options={agents} value={draft.agent} onChange={(agent) => put({ agent })} />
      {BOUND.includes(draft.duty) ? (
        <CheckboxGroup className="field" value={[...draft.departments]} onChange={(departments) => put({ departments })}>
          <Label>{words.departments}</Label>
          <div className="row">
            {Object.entries(known.departments).map(([id, titles]) => (
              <Checkbox key={id} value={id} className="check">
                <span className="box" aria-hidden="true" />
                {titles[language] ?? titles["sv"] ?? id}
              </Checkbox>
            ))}
          </div>
          <span className="faint">{words.noDepartments}</span>
        </CheckboxGroup>
      ) : null}
      <div className="row">
        <Push look="main" type="submit">
          {edited === null ? words.add : words.save}
        </Push>
        {edited === null ? null : <Push onPress={onDone}>{words.cancel}</Push>}
      </div>
    </form>
  );
}

function Departments({ ids, known }: { readonly ids: readonly string[]; readonly known: Listed }): ReactNode {
  const { admin: words } = useWords();
  const { language } = useTongue();
  if (ids.length === 0) return words.all;
  return ids.map((id) => known.departments[id]?.[language] ?? known.departments[id]?.["sv"] ?? id).join(", ");
}

function State({ account }: { readonly account: AccountView }): ReactNode {
  const { admin: words } = useWords();
  if (account.disabled) return <span className="badge warn">{words.disabled}</span>;
  if (account.elsewhere) return <span className="badge good">{words.elsewhere}</span>;
  return <span className={account.temporary ? "badge" : "badge good"}>{account.temporary ? words.temporary : words.inUse}</span>;
}
