/** A button with which files are chosen. */

import type { ReactNode } from "react";

interface FileButtonProps {
  readonly children: ReactNode;
  /** Media types, by commas; any without it. */
  readonly accept?: string;
  readonly several?: boolean;
  /** By which its hint is found. */
  readonly describedBy?: string;
  readonly onChoose: (files: readonly File[]) => void;
}

export function FileButton({ children, accept, several = false, describedBy, onChoose }: FileButtonProps): ReactNode {
  return (
    <label className="button">
      {children}
      <input
        type="file"
        className="unseen"
        accept={accept}
        multiple={several}
        aria-describedby={describedBy}
        onChange={(event) => {
          onChoose([...(event.target.files ?? [])]);
          event.target.value = ""; // so that the same file can be chosen again
        }}
      />
    </label>
  );
}
