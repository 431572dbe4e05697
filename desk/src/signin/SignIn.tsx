/** Where somebody says who one is. */

import { useState, type FormEvent, type ReactNode } from "react";

import { signIn, type SignedIn } from "../api/session";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { LanguageChoice } from "../ui/Frame";
import { useWords } from "../words";

export function SignIn({ ended, onSignedIn }: { readonly ended: boolean; readonly onSignedIn: (session: SignedIn) => void }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");

  const enter = (event: FormEvent): void => {
    event.preventDefault();
    void doing.run(async () => onSignedIn(await signIn(name.trim().toLowerCase(), password)));
  };

  return (
    <main className="sign-in">
      <form onSubmit={enter}>
        <h1>Vaxel</h1>
        {ended ? <p role="status">{words.signIn.ended}</p> : null}
        <Field label={words.signIn.name} value={name} onChange={setName} autoComplete="username" required autoFocus />
        <Field label={words.signIn.password} value={password} onChange={setPassword} type="password" autoComplete="current-password" required />
        <Trouble text={doing.trouble} />
        <Push look="main" type="submit" isDisabled={doing.busy}>
          {words.signIn.enter}
        </Push>
        <LanguageChoice />
      </form>
    </main>
  );
}
