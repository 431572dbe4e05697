/** What was published: when, by whom and why, and a way back. */

import type { ReactNode } from "react";

import type { FilesView, VersionsView } from "../api/types";
import { Push } from "../ui/controls";
import { useTongue, useWords } from "../words";

interface Props {
  readonly seen: VersionsView;
  readonly folder: FilesView;
  /** Go back to a version; undefined where that cannot be. */
  readonly onBack: ((version: string) => void) | undefined;
}

export function Versions({ seen, folder, onBack }: Props): ReactNode {
  const { configuration: words } = useWords();
  const { locale } = useTongue();
  const time = (at: number): string => new Date(at * 1000).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  if (seen.versions.length === 0) return <p className="faint">{words.noVersions}</p>;
  const newest = seen.versions.findIndex((one) => one.taken_back === "" && one.version === folder.version);

  return (
    <section aria-label={words.versions}>
      <h3>{words.versions}</h3>
      <table>
        <caption className="unseen">{words.versions}</caption>
        <thead>
          <tr>
            <th scope="col">{words.when}</th>
            <th scope="col">{words.who}</th>
            <th scope="col">{words.reason}</th>
            <th scope="col">{words.state}</th>
          </tr>
        </thead>
        <tbody>
          {seen.versions.map((one, number) => (
            <tr key={`${one.version} ${one.at}`}>
              <th scope="row" className="number">
                {time(one.at)}
              </th>
              <td>{one.by === "" ? <span className="faint">{words.outside}</span> : <bdi>{one.by.split(".")[0]}</bdi>}</td>
              <td>
                <bdi>{one.why}</bdi>
                {one.taken_back === "" ? null : (
                  <span className="faint">
                    {" "}
                    {words.takenBack}{" "}
                    <span lang="en" dir="ltr">
                      {one.taken_back}
                    </span>
                  </span>
                )}
              </td>
              <td>
                {number === newest ? (
                  <span className="badge good">{words.here}</span>
                ) : one.taken_back !== "" ? (
                  <span className="badge warn">{words.notTaken}</span>
                ) : onBack === undefined || one.version === folder.version ? null : (
                  <Push aria-label={`${words.rollBack}: ${time(one.at)}`} onPress={() => onBack(one.version)}>
                    {words.rollBack}
                  </Push>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
