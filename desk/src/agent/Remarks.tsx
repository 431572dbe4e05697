/** What people of the house write for each other on a contact; it is never sent. */

import type { ReactNode } from "react";

import { act, get } from "../api/client";
import { useLevel } from "../api/level";
import type { ContactView, Remarks as RemarksView } from "../api/types";
import { useBegun } from "../guide/begun";
import { Field, Push, Trouble, useDoing } from "../ui/controls";
import { useTongue } from "../words";

export function Remarks({ contact }: { readonly contact: ContactView }): ReactNode {
  const { words, locale } = useTongue();
  const doing = useDoing();
  const [begun, change, forget] = useBegun(contact.id, "remark");
  const text = begun["text"] ?? "";
  const remarks = useLevel<RemarksView>(() => ({
    look: () => get<RemarksView>(`/contacts/${contact.id}/remarks`),
    concerns: (happening) => happening.contact === contact.id && happening.type.startsWith("remark."),
  }));
  const at = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const save = (): void => {
    void doing.run(() => act("POST", `/contacts/${contact.id}/remarks`, { text: text.trim() })).then((done) => {
      if (!done) return;
      forget();
      remarks.look();
    });
  };

  return (
    <section className="card" aria-label={words.remarks.title}>
      <h2>{words.remarks.title}</h2>
      {(remarks.seen?.remarks ?? []).map((one) => (
        <p key={one.remark} className="message" dir="auto">
          <span className="who">
            {one.writer} {one.at == null ? "" : at.format(one.at * 1000)}
          </span>
          <br />
          {one.text}
        </p>
      ))}
      {remarks.seen?.remarks.length === 0 ? <p className="faint">{words.remarks.none}</p> : null}
      <Field label={words.remarks.add} value={text} onChange={(typed) => change({ text: typed })} lines={2} />
      <div className="row">
        <Push isDisabled={doing.busy || text.trim() === ""} onPress={save}>
          {words.remarks.save}
        </Push>
      </div>
      <Trouble text={doing.trouble} />
    </section>
  );
}
