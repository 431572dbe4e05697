/** All shortcuts, in a dialog: what presses which button. */

import type { ReactNode } from "react";
import { Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";

import { Push } from "../ui/controls";
import { KEYS, type Action } from "../ui/keys";
import { useWords, type Words } from "../words";

/** What an action is called on its button. */
function names(words: Words): Record<Action, string> {
  const { offer, state, work, guide, wrapUp } = words;
  return {
    accept: offer.accept,
    decline: offer.decline,
    ready: state.beReady,
    call: work.call,
    note: guide.note.open,
    visitor: words.visit.callNext,
    hold: `${work.hold} / ${work.resume}`,
    park: work.park,
    connect: work.connect,
    resume: guide.keys.conference,
    swap: work.swap,
    drop: work.drop,
    recording: `${work.pauseRecording} / ${work.resumeRecording}`,
    callAgain: work.callAgain,
    noShow: work.noShow,
    notReached: work.notReached,
    forward: work.forward,
    toQueue: work.toQueue,
    handBack: work.handBack,
    help: `${work.help} / ${work.endHelp}`,
    finish: `${work.finishCall} / ${work.finish}`,
    form: guide.form.open,
    done: `${wrapUp.done} / ${wrapUp.save}`,
    extend: wrapUp.extend,
    shortcuts: guide.keys.title,
  };
}

export function Shortcuts(): ReactNode {
  const words = useWords();
  const named = names(words);
  return (
    <DialogTrigger>
      <Push look="quiet" shortcut={KEYS.shortcuts}>
        {words.guide.keys.title}
      </Push>
      <ModalOverlay className="overlay" isDismissable>
        <Modal>
          <Dialog className="card dialog">
            {({ close }) => (
              <>
                <Heading slot="title" level={2}>
                  {words.guide.keys.title}
                </Heading>
                <p>{words.guide.keys.how}</p>
                <dl className="shortcuts">
                  {(Object.keys(KEYS) as Action[]).map((action) => (
                    <div key={action} className="pair">
                      <dt>
                        <kbd>{KEYS[action]}</kbd>
                      </dt>
                      <dd>{named[action]}</dd>
                    </div>
                  ))}
                </dl>
                <p className="faint">{words.guide.keys.writing}</p>
                <div className="row">
                  <Push look="main" autoFocus onPress={close}>
                    {words.guide.keys.close}
                  </Push>
                </div>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
