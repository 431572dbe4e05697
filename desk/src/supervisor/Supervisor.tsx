/** The pages of somebody who leads: the wallboard, the agents, the line. */

import { useEffect, useState, type ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";

import { useWords } from "../words";
import { Floor } from "./Floor";
import { titles, type Titles } from "./house";
import { Line } from "./Line";
import { Wallboard } from "./Wallboard";

const VIEWS = ["board", "agents", "line"] as const;
type View = (typeof VIEWS)[number];

export function Supervisor({ leads }: { readonly leads: boolean }): ReactNode {
  const words = useWords();
  const [view, show] = useState<View>(viewOfAddress);
  const [known, setKnown] = useState<Titles>();
  useEffect(() => {
    void titles().then(setKnown, () => undefined);
  }, []);
  useEffect(() => {
    const follow = (): void => show(viewOfAddress());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  if (known === undefined) return <p className="banner">{words.house.loading}</p>;
  if (!leads) return <Wallboard titles={known} />;

  const named: Record<View, string> = { board: words.board.title, agents: words.board.agents, line: words.board.line };
  return (
    <Tabs
      className="tabs"
      selectedKey={view}
      onSelectionChange={(key) => {
        location.hash = String(key);
      }}
    >
      <TabList className="tab-list" aria-label={words.board.title}>
        {VIEWS.map((one) => (
          <Tab key={one} id={one} className="tab">
            {named[one]}
          </Tab>
        ))}
      </TabList>
      <TabPanel id="board">
        <Wallboard titles={known} />
      </TabPanel>
      <TabPanel id="agents">
        <Floor titles={known} />
      </TabPanel>
      <TabPanel id="line">
        <Line titles={known} />
      </TabPanel>
    </Tabs>
  );
}

/** The view that the address names, so that a reload or a bookmark leads back to it. */
function viewOfAddress(): View {
  const named = location.hash.slice(1) as View;
  return VIEWS.includes(named) ? named : "board";
}
