/** The page, from who is signed in to what that one works with. */

import { useEffect, useState, type ReactNode } from "react";

import { Desk } from "./agent/Desk";
import { whenSignedOut } from "./api/client";
import { present, type SignedIn } from "./api/session";
import { ChoosePassword } from "./signin/ChoosePassword";
import { SignIn } from "./signin/SignIn";
import { Supervisor } from "./supervisor/Supervisor";
import { Frame } from "./ui/Frame";
import { Mishap } from "./ui/Mishap";
import { Tongues, useWords } from "./words";

export function App(): ReactNode {
  return (
    <Tongues>
      <Signed />
    </Tongues>
  );
}

function Signed(): ReactNode {
  const words = useWords();
  const [session, setSession] = useState<SignedIn | null>();
  const [ended, setEnded] = useState(false);

  useEffect(() => {
    whenSignedOut(() => {
      setSession(null);
      setEnded(true);
    });
    void present().then(setSession, () => setSession(null));
  }, []);

  if (session === undefined) return <p className="sign-in">{words.house.loading}</p>;
  if (session === null) return <SignIn ended={ended} onSignedIn={setSession} />;
  if (session.temporary) return <ChoosePassword session={session} onChosen={setSession} />;
  return (
    <Frame session={session} onSignedOut={() => setSession(null)}>
      <Mishap words={words.house}>
        <Work session={session} />
      </Mishap>
    </Frame>
  );
}

/** What somebody works with follows from the duty. */
function Work({ session }: { readonly session: SignedIn }): ReactNode {
  switch (session.duty) {
    case "guide":
    case "specialist":
      return <Desk session={session} />;
    case "operator":
      return session.agent === "" ? <Supervisor leads={false} /> : <Desk session={session} />;
    case "supervisor":
    case "administrator":
      return <Supervisor leads />;
    case "coordinator":
      return <Supervisor leads={false} />;
  }
}
