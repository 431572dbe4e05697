/** What there has been before with a citizen: when, by which channel, with whom, about what, and what was left to do. */

import type { ReactNode } from "react";

import type { HouseWords } from "../agent/house";
import type { Chapter, Story } from "../api/types";
import { titled } from "../ui/controls";
import { useTongue } from "../words";

interface ChaptersProps {
  readonly story: Story;
  /** The contact at hand, which is not told again. */
  readonly contact: string;
  readonly house: HouseWords;
}

export function Chapters({ story, contact, house }: ChaptersProps): ReactNode {
  const { words } = useTongue();
  const earlier = story.contacts.filter((one) => one.contact !== contact);
  return (
    <>
      <h3>{words.story.before}</h3>
      {earlier.length === 0 ? <p className="faint">{words.story.first}</p> : null}
      <ul className="listed">
        {earlier.map((one) => (
          <li key={one.contact}>
            <Told chapter={one} house={house} />
          </li>
        ))}
      </ul>
      {story.complete ? null : <p className="faint">{words.story.incomplete}</p>}
    </>
  );
}

function Told({ chapter, house }: { readonly chapter: Chapter; readonly house: HouseWords }): ReactNode {
  const { words, locale, language } = useTongue();
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const reasons = house.reasons.departments.flatMap((one) => one.reasons);
  const about = reasons.find((one) => one.reason === chapter.reason);
  const when = [day.format(chapter.began * 1000), ...(chapter.agents ?? [])].join(" · ");
  return (
    <>
      <strong>{words.channel[chapter.channel] ?? chapter.channel}</strong> {house.queues.get(chapter.queue ?? "") ?? ""}
      {chapter.same === "matter" ? <span className="badge">{words.guide.earlier.sameMatter}</span> : null}
      <br />
      {about === undefined ? null : (
        <>
          {titled(about.title, language)}
          <br />
        </>
      )}
      <span className="faint">{when}</span>
      {chapter.follow_up === true ? (
        <>
          <br />
          <span className="badge warn">{words.guide.earlier.followUp}</span>
        </>
      ) : null}
    </>
  );
}
