/** Where to read on about what a queue is for: pages of the city, opened beside the desk. */

import type { ReactNode } from "react";

import type { HouseWords } from "../agent/house";
import { titled } from "../ui/controls";
import { useTongue } from "../words";

export function Links({ queue, house }: { readonly queue: string; readonly house: HouseWords }): ReactNode {
  const { words, language } = useTongue();
  const links = house.links[queue] ?? [];
  if (links.length === 0) return null;
  return (
    <nav className="card" aria-label={words.guide.links.title}>
      <h2>{words.guide.links.title}</h2>
      <ul className="listed">
        {links.map((one) => (
          <li key={one.url}>
            <a href={one.url} target="_blank" rel="noopener noreferrer" referrerPolicy="no-referrer">
              <bdi>{titled(one.title, language)}</bdi> <span aria-hidden="true">↗</span>
              <span className="unseen"> {words.guide.links.away}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
