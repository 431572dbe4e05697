/** What is around every page of somebody who is signed in. */

import type { ReactNode } from "react";

import { OwnSessions } from "../admin/OwnSessions";
import { signOut, type SignedIn } from "../api/session";
import { LANGUAGES, useTongue, type Language } from "../words";
import { Choice, Push, useDoing } from "./controls";

interface FrameProps {
  readonly session: SignedIn;
  readonly onSignedOut: () => void;
  readonly children: ReactNode;
}

export function Frame({ session, onSignedOut, children }: FrameProps): ReactNode {
  const { words } = useTongue();
  const doing = useDoing();
  return (
    <>
      <a className="skip" href="#main">
        {words.house.skip}
      </a>
      <header className="top">
        <h1 className="brand">
          <img src="/desk/icon.svg" alt="" />
          Vaxel
        </h1>
        <span className="grow" />
        <LanguageChoice />
        <OwnSessions title={session.title} onSignedOut={onSignedOut} />
        <Push look="quiet" isDisabled={doing.busy} onPress={() => void doing.run(signOut).then((done) => done && onSignedOut())}>
          {words.signIn.out}
        </Push>
      </header>
      <main id="main">{children}</main>
    </>
  );
}

export function LanguageChoice(): ReactNode {
  const { language, words, choose } = useTongue();
  const options = Object.entries(LANGUAGES) as [Language, string][];
  return <Choice label={words.language} hideLabel options={options} value={language} onChange={choose} />;
}
