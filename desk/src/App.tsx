/** The page, from who is signed in to what that one works with. */

import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";

import { whenSignedOut } from "./api/client";
import { part } from "./api/part";
import { present, type SignedIn } from "./api/session";
import { ChoosePassword } from "./signin/ChoosePassword";
import { SignIn } from "./signin/SignIn";
import { Frame } from "./ui/Frame";
import { Mishap } from "./ui/Mishap";
import { Tongues, useWords } from "./words";

// Each duty's part is a file of its own: nobody waits for those of others.
const desk = (): Promise<typeof import("./agent/Desk")> => part(() => import("./agent/Desk"));
const Desk = lazy(async () => ({ default: (await desk()).Desk }));
const Supervisor = lazy(async () => ({ default: (await part(() => import("./supervisor/Supervisor"))).Supervisor }));
const Administrator = lazy(async () => ({ default: (await part(() => import("./admin/Administrator"))).Administrator }));

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
    void present()
      .then(setSession, () => setSession(null))
      .finally(() =>
        whenSignedOut(() => {
          setSession(null);
          setEnded(true);
        }),
      );
  }, []);

  useEffect(() => {
    if (session === null) void desk(); // most who sign in are guides, and typing takes a while
  }, [session]);

  if (session === undefined) return <p className="sign-in">{words.house.loading}</p>;
  if (session === null) return <SignIn ended={ended} onSignedIn={setSession} />;
  if (session.temporary) return <ChoosePassword session={session} onChosen={setSession} />;
  return (
    <Frame session={session} onSignedOut={() => setSession(null)}>
      <Mishap words={words.house}>
        <Suspense fallback={<p className="banner">{words.house.loading}</p>}>
          <Work session={session} />
        </Suspense>
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
      return <Supervisor leads />;
    case "administrator":
      return <Administrator />;
    case "coordinator":
      return <Supervisor leads={false} />;
  }
}
