/** Calling the next visitor to the agent's desk, and recording a visit without a ticket. */

import { useEffect, useState, type ReactNode } from "react";

import { act, get } from "../api/client";
import type { AgentView, Places } from "../api/types";
import { Choice, Push, Trouble, useDoing } from "../ui/controls";
import { KEYS } from "../ui/keys";
import { useWords } from "../words";

export function Visitors({ agent, onDone }: { readonly agent: AgentView; readonly onDone: () => void }): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const [places, setPlaces] = useState<Places>();
  const place = (agent.desk ?? "").split("/")[0] ?? "";
  useEffect(() => {
    if (place !== "") void get<Places>("/places").then(setPlaces, () => undefined);
  }, [place]);
  if (place === "") return null;
  const here = places?.places.find((one) => one.place === place);
  const services = (here?.services ?? []).map((one) => [one.service, one.title || one.service] as const);
  return (
    <section className="card" aria-label={words.channel["visit"]}>
      <h2>{here?.title ?? place}</h2>
      <Push shortcut={KEYS.visitor} isDisabled={doing.busy} onPress={() => void doing.run(() => act("POST", `/agents/${agent.id}/call-next`)).then(onDone)}>
        {words.visit.callNext}
      </Push>
      <Choice
        label={words.visit.without}
        options={services}
        value={null}
        placeholder={words.wrapUp.choose}
        onChange={(service) => void doing.run(() => act("POST", `/agents/${agent.id}/visits`, { service })).then(onDone)}
      />
      <Trouble text={doing.trouble} />
    </section>
  );
}
