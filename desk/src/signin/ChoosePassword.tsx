/** Where somebody with a first password chooses one's own. */

import { useState, type FormEvent, type ReactNode } from "react";

import { choosePassword, type SignedIn } from "../api/session";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { useWords } from "../words";

export function ChoosePassword({ session, onChosen }: { readonly session: SignedIn; readonly onChosen: (session: SignedIn) => void }): ReactNode {
  const { signIn: words } = useWords();
  const doing = useDoing();
  const [before, setBefore] = useState("");
  const [chosen, setChosen] = useState("");
  const [again, setAgain] = useState("");
  const different = again !== "" && again !== chosen ? words.different : undefined;

  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (chosen !== again) return;
    void doing.run(async () => onChosen(await choosePassword(before, chosen)));
  };

  return (
    <main className="sign-in">
      <form onSubmit={save}>
        <h1>{words.choose}</h1>
        <p>{words.why}</p>
        <input type="hidden" name="username" autoComplete="username" value={session.name} />
        <Field label={words.present} value={before} onChange={setBefore} type="password" autoComplete="current-password" required autoFocus />
        <Field label={words.chosen} value={chosen} onChange={setChosen} type="password" autoComplete="new-password" required />
        <Field label={words.repeat} value={again} onChange={setAgain} type="password" autoComplete="new-password" required error={different} />
        <Trouble text={doing.trouble} />
        <Push look="main" type="submit" isDisabled={doing.busy || chosen !== again}>
          {words.save}
        </Push>
      </form>
    </main>
  );
}
