/** Flows as pictures, with how many callers stand at which node, and the same as a table. */

import { useEffect, useRef, useState, type ReactNode } from "react";

import { useLevel } from "../api/level";
import type { FlowNow, Flows as Listed, Part } from "../api/types";
import { Choice, Trouble, useDoing } from "../ui/controls";
import { useTongue, useWords } from "../words";
import { flowNow, flowPicture, flows } from "./calls";

const PACE_MS = 2_000;
const AGE_MS = 5_000;

export function Flows(): ReactNode {
  const { configuration: words, house } = useWords();
  const [chosen, choose] = useState("");
  const { seen, refused } = useLevel<Listed>(() => ({
    look: flows,
    concerns: ({ type }) => type.startsWith("contact."),
    paceMs: PACE_MS,
    ageMs: AGE_MS,
  }));
  if (seen === undefined) {
    return (
      <div className="board">
        <Trouble text={refused?.message ?? ""} />
        {refused === undefined ? <p className="banner">{house.loading}</p> : null}
      </div>
    );
  }
  const shown = seen.flows.some(({ name }) => name === chosen) ? chosen : (seen.flows.find(({ numbers }) => numbers.length > 0)?.name ?? seen.flows[0]?.name ?? "");
  const options = seen.flows.map(({ name, numbers, now }): [string, string] => [name, [name, ...numbers, words.inFlow(now)].join(" · ")]);
  return (
    <div className="board">
      <h2>{words.flows}</h2>
      <Choice label={words.flow} options={options} value={shown} onChange={choose} />
      {shown === "" ? null : <Flow key={shown} flow={shown} />}
    </div>
  );
}

function Flow({ flow }: { readonly flow: string }): ReactNode {
  const { configuration: words } = useWords();
  const { seen } = useLevel<FlowNow>(() => ({
    look: () => flowNow(flow),
    concerns: ({ type }) => type.startsWith("contact."),
    paceMs: PACE_MS,
    ageMs: AGE_MS,
  }));
  return (
    <div className="flow">
      <Picture flow={flow} seen={seen} />
      <div className="column">
        <p className="faint">{words.legend}</p>
        <table>
          <caption className="unseen">{words.nodesOf(flow)}</caption>
          <thead>
            <tr>
              <th scope="col">{words.node}</th>
              <th scope="col">{words.does}</th>
              <th scope="col">{words.now}</th>
              <th scope="col">{words.today}</th>
            </tr>
          </thead>
          <tbody>
            {(seen?.nodes ?? []).map((one) => (
              <tr key={one.node}>
                <th scope="row">
                  <bdi dir="ltr">{one.node}</bdi>
                </th>
                <td>
                  {words.nodes[one.does]}
                  {one.of === "" ? null : " "}
                  <bdi>{one.of}</bdi>
                </td>
                <td className="number">{one.now ?? "–"}</td>
                <td className="number">{one.today ?? "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const SVG = "http://www.w3.org/2000/svg";

/** Make an element of a picture: no markup is read, so nothing in a name or text can become any. */
function made({ tag, attributes, text, parts }: Part): SVGElement {
  const element = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== "") element.textContent = text;
  element.append(...parts.map(made));
  return element;
}

/** The drawing, whose texts for counts are filled in here: they change, and it does not. */
function Picture({ flow, seen }: { readonly flow: string; readonly seen: FlowNow | undefined }): ReactNode {
  const { language } = useTongue();
  const { configuration: words } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<SVGElement>();
  const doing = useDoing();
  useEffect(() => {
    let here = true;
    void doing.run(async () => {
      const { picture } = await flowPicture(flow, language);
      if (here) setDrawn(made(picture));
    });
    return () => {
      here = false;
    };
  }, [flow, language]);
  useEffect(() => {
    if (drawn !== undefined) place.current?.replaceChildren(drawn);
  }, [drawn]);
  useEffect(() => {
    for (const text of drawn?.querySelectorAll("[data-node]") ?? []) {
      const node = seen?.nodes.find((one) => one.node === text.getAttribute("data-node"));
      text.textContent = node === undefined || node.now === null ? "" : `● ${node.now}  Σ ${node.today ?? 0}`;
    }
  }, [drawn, seen]);
  return (
    <div>
      <Trouble text={doing.trouble} />
      <div className="picture" dir="ltr" ref={place} tabIndex={0} role="group" aria-label={words.picture(flow)} />
    </div>
  );
}
