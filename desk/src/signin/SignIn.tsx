/** Where somebody says who one is. */

import { useEffect, useState, type FormEvent, type ReactNode } from "react";

import { OPENID, signIn, ways, type SignedIn } from "../api/session";
import type { Ways } from "../api/types";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { LanguageChoice } from "../ui/Frame";
import { useWords } from "../words";

export function SignIn({ ended, onSignedIn }: { readonly ended: boolean; readonly onSignedIn: (session: SignedIn) => void }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [offered, setOffered] = useState<Ways>({ openid: "", passwords: true });
  const [typed, type] = useState(false);
  useEffect(() => {
    void ways().then(setOffered, () => undefined);
  }, []);
  const refused = new URLSearchParams(location.search).get("refused");
  const asksPassword = offered.passwords || typed;

  const enter = (event: FormEvent): void => {
    event.preventDefault();
    void doing.run(async () => onSignedIn(await signIn(name.trim().toLowerCase(), password)));
  };

  return (
    <main className="sign-in">
      <form onSubmit={enter}>
        <h1>Vaxel</h1>
        {ended ? <p role="status">{words.signIn.ended}</p> : null}
        {offered.openid === "" ? null : (
          <a className="button main" href={OPENID}>
            {words.admin.enterBy(offered.openid)}
          </a>
        )}
        {asksPassword ? (
          <>
            <Field label={words.signIn.name} value={name} onChange={setName} autoComplete="username" required autoFocus />
            <Field label={words.signIn.password} value={password} onChange={setPassword} type="password" autoComplete="current-password" required />
          </>
        ) : null}
        <Trouble text={doing.trouble || (refused === null ? "" : (words.errors[refused] ?? words.house.failed))} />
        {asksPassword ? (
          <>
            <Push look={offered.openid === "" ? "main" : "plain"} type="submit" isDisabled={doing.busy}>
              {words.signIn.enter}
            </Push>
            <p className="faint">{words.admin.keys}</p>
          </>
        ) : (
          <Push look="quiet" onPress={() => type(true)}>
            {words.admin.emergency}
          </Push>
        )}
        <LanguageChoice />
      </form>
    </main>
  );
}
