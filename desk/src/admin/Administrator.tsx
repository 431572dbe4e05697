/** The pages of who runs Vaxel: the house as supervisors see it, who may sign in, its configuration, and what people did. */

import { useEffect, useState, type ReactNode } from "react";

import { Configuration } from "../configuration/Configuration";
import { Flows } from "../configuration/Flows";
import { Members } from "../configuration/Members";
import { Supervisor } from "../supervisor/Supervisor";
import { useWords } from "../words";
import { AccessLog } from "./AccessLog";
import { Accounts } from "./Accounts";

const PAGES = ["board", "accounts", "members", "configuration", "flows", "log"] as const;
type Page = (typeof PAGES)[number];

export function Administrator(): ReactNode {
  const { admin: words, configuration } = useWords();
  const [page, show] = useState<Page>(pageOfAddress);
  useEffect(() => {
    const follow = (): void => show(pageOfAddress());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const named: Record<Page, string> = {
    board: words.house,
    accounts: words.accounts,
    members: configuration.members,
    configuration: configuration.title,
    flows: configuration.flows,
    log: words.log,
  };

  return (
    <>
      <nav className="pages" aria-label={words.pages}>
        {PAGES.map((one) => (
          <a key={one} href={`#${one}`} {...(one === page ? { "aria-current": "page" as const } : {})}>
            {named[one]}
          </a>
        ))}
      </nav>
      <Shown page={page} />
    </>
  );
}

function Shown({ page }: { readonly page: Page }): ReactNode {
  switch (page) {
    case "accounts":
      return <Accounts />;
    case "members":
      return <Members />;
    case "configuration":
      return <Configuration />;
    case "flows":
      return <Flows />;
    case "log":
      return <AccessLog />;
    case "board":
      return <Supervisor leads />;
  }
}

/** The page that the address names; the house has further views of its own. */
function pageOfAddress(): Page {
  const named = location.hash.slice(1) as Page;
  return PAGES.includes(named) ? named : "board";
}
