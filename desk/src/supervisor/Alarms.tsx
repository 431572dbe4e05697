/** Figures that have crossed their thresholds, above every page of those who lead; said once to who listens. */

import type { ReactNode } from "react";

import { useNow } from "../api/clock";
import { useLevel } from "../api/level";
import type { Alarms } from "../api/types";
import { clock, useWords } from "../words";
import { ALARMS, type Titles } from "./house";

export function AlarmBar({ titles }: { readonly titles: Titles }): ReactNode {
  const words = useWords();
  const { seen } = useLevel<Alarms>(() => ALARMS);
  const alarms = seen?.alarms ?? [];
  const said = (one: Alarms["alarms"][number]): string => `${titles.queues.get(one.queue) || one.queue}: ${words.lead.alarm[one.alarm] ?? one.alarm}`;
  return (
    <>
      <p className="unseen" role="alert" aria-atomic="false" aria-relevant="additions">
        {alarms.map((one) => (
          <span key={`${one.queue}/${one.alarm}/${one.since}`}>{said(one)}. </span>
        ))}
      </p>
      {alarms.length === 0 ? null : (
        <ul className="alarms" aria-label={words.lead.alarms}>
          {alarms.map((one) => (
            <li key={`${one.queue}/${one.alarm}`}>
              <span aria-hidden="true">▲ </span>
              {said(one)} <Since at={one.since} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Since({ at }: { readonly at: number }): ReactNode {
  return <span className="number">{clock(useNow() - at)}</span>;
}
