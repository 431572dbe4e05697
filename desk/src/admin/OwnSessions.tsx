/** Where somebody is signed in, and a way to sign out everywhere: behind one's own name, over whatever is open. */

import { useEffect, useState, type ReactNode } from "react";
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";

import { signOutEverywhere } from "../api/session";
import type { OwnSessions as Listed } from "../api/types";
import { Push, Trouble, useDoing } from "../ui/controls";
import { useTongue, useWords } from "../words";
import { ownSessions } from "./accounts";

export function OwnSessions({ title, onSignedOut }: { readonly title: string; readonly onSignedOut: () => void }): ReactNode {
  const { admin: words } = useWords();
  return (
    <DialogTrigger>
      <Button className="button quiet" aria-label={`${title}: ${words.sessions}`}>
        <bdi>{title}</bdi>
      </Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal>
          <Dialog className="card dialog">
            {({ close }) => (
              <>
                <Heading slot="title" level={2}>
                  {words.sessions}
                </Heading>
                <List onSignedOut={onSignedOut} />
                <Push onPress={close}>{words.close}</Push>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}

function List({ onSignedOut }: { readonly onSignedOut: () => void }): ReactNode {
  const { admin: words } = useWords();
  const { locale } = useTongue();
  const [known, setKnown] = useState<Listed>();
  const doing = useDoing();
  useEffect(() => void doing.run(async () => setKnown(await ownSessions())), []);
  const time = (at: number): string => new Date(at * 1000).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });

  return (
    <>
      <Trouble text={doing.trouble} />
      <ul className="listed">
        {(known?.sessions ?? []).map((one) => (
          <li key={`${one.made} ${one.browser}`}>
            <strong>{one.browser || words.browser}</strong> · {words.since(time(one.made))}{" "}
            {one.here ? <span className="badge good">{words.here}</span> : null}
          </li>
        ))}
      </ul>
      <p className="faint">{words.everywhereWhy}</p>
      <Push look="danger" isDisabled={doing.busy} onPress={() => void doing.run(signOutEverywhere).then((done) => done && onSignedOut())}>
        {words.everywhere}
      </Push>
    </>
  );
}
