/** The pages of somebody who leads: the wallboard, agents, line, talks, queues, what all are told, crises. */

import { useEffect, useState, type ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";

import { useWords } from "../words";
import { AlarmBar } from "./Alarms";
import { Crises } from "./Crises";
import { Floor } from "./Floor";
import { titles, type Titles } from "./house";
import { Line } from "./Line";
import { Notices } from "./Notices";
import { QueuesToday } from "./QueuesToday";
import { Talks } from "./Talks";
import { Wallboard } from "./Wallboard";

const VIEWS = ["board", "agents", "line", "talks", "queues", "notices", "crises"] as const;
type View = (typeof VIEWS)[number];
const SHOWN: Record<View, (props: { readonly titles: Titles }) => ReactNode> = {
  board: Wallboard,
  agents: Floor,
  line: Line,
  talks: Talks,
  queues: QueuesToday,
  notices: Notices,
  crises: Crises,
};

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
  if (!leads) {
    return (
      <>
        <AlarmBar titles={known} />
        <Wallboard titles={known} />
      </>
    );
  }

  const named: Record<View, string> = {
    board: words.board.title,
    agents: words.board.agents,
    line: words.board.line,
    talks: words.lead.talks,
    queues: words.lead.queues,
    notices: words.lead.notices,
    crises: words.lead.crises,
  };
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
      <AlarmBar titles={known} />
      {VIEWS.map((one) => {
        const Shown = SHOWN[one];
        return (
          <TabPanel key={one} id={one}>
            <Shown titles={known} />
          </TabPanel>
        );
      })}
    </Tabs>
  );
}

/** The view that the address names, so that a reload or a bookmark leads back to it. */
function viewOfAddress(): View {
  const named = location.hash.slice(1) as View;
  return VIEWS.includes(named) ? named : "board";
}
