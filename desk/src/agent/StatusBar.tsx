/** The agent's own status: at work or not, ready or paused and why. */

import type { ReactNode } from "react";

import { act } from "../api/client";
import { useNow } from "../api/clock";
import type { AgentView, PhoneView } from "../api/types";
import { chosenAt, PhoneChoice, useChosenPhone } from "../phone/PhoneChoice";
import { AgentState, stateOf } from "../ui/AgentState";
import { Choice, Push, Trouble, useDoing } from "../ui/controls";
import { KEYS } from "../ui/keys";
import { clock, useWords } from "../words";
import { askToNotify } from "./alert";
import type { HouseWords } from "./house";

interface StatusProps {
  readonly agent: AgentView;
  readonly house: HouseWords;
  readonly phones: readonly PhoneView[];
  readonly onDone: () => void;
}

export function StatusBar({ agent, house, phones, onDone }: StatusProps): ReactNode {
  const words = useWords();
  const doing = useDoing();
  const now = useNow();
  const [phone, choosePhone] = useChosenPhone();
  const to = (verb: string, body: unknown = {}): void => {
    askToNotify();
    void doing.run(() => act("POST", `/agents/${agent.id}/${verb}`, body)).then(onDone);
  };
  const working = agent.state !== "logged_out";

  return (
    <section className="card" aria-label={words.state.label}>
      <div className="row" role="status">
        <AgentState agent={agent} pauses={house.pauses} />
        {agent.idle_since != null && stateOf(agent) === "ready" ? (
          <span className="faint number" aria-hidden="true">
            {clock(now - agent.idle_since)}
          </span>
        ) : null}
        {agent.leaving === true ? <span className="faint">{words.state.leaving}</span> : null}
      </div>
      {agent.phone_lost === true && working ? <p className="banner">{words.state.phoneLost}</p> : null}
      {working ? null : <PhoneChoice agent={agent} phones={phones} value={phone} onChange={choosePhone} />}
      <div className="row">
        {working ? null : (
          <Push look="main" onPress={() => to("log-in", chosenAt(phone))} isDisabled={doing.busy}>
            {words.state.logIn}
          </Push>
        )}
        {working && agent.state !== "ready" && agent.state !== "reserved" ? (
          <Push look="main" shortcut={KEYS.ready} onPress={() => to("ready")} isDisabled={doing.busy}>
            {words.state.beReady}
          </Push>
        ) : null}
        {working ? (
          <Push onPress={() => to("log-out")} isDisabled={doing.busy}>
            {words.state.logOut}
          </Push>
        ) : null}
      </div>
      {working ? (
        <Choice
          label={words.state.pause}
          options={house.pauses}
          value={agent.state === "paused" && agent.pause ? agent.pause : null}
          placeholder={words.wrapUp.choose}
          onChange={(reason) => to("pause", { reason })}
          disabled={doing.busy}
        />
      ) : null}
      <Trouble text={doing.trouble} />
    </section>
  );
}
