/** What an administrator asks of Vaxel about its configuration, and about flows. */

import { act, get } from "../api/client";
import type { Checked, Difference, Edited, FilesView, FlowNow, FlowPicture, Flows, Member, Members, Published, VersionsView } from "../api/types";

/** Files with what is to stand in them; null for one that is to go. */
export type Files = Readonly<Record<string, string | null>>;

/** What is to be published: a change of files, or an earlier version. */
export type Proposal = { readonly base: string } & ({ readonly files: Files } | { readonly version: string });

export const files = (): Promise<FilesView> => get("/configuration/files");
export const versions = (): Promise<VersionsView> => get("/configuration/versions");
export const members = (): Promise<Members> => get("/configuration/members");
export const flows = (): Promise<Flows> => get("/flows");
export const flowNow = (flow: string): Promise<FlowNow> => get(`/flows/${encodeURIComponent(flow)}`);

export function flowPicture(flow: string, language: string): Promise<FlowPicture> {
  return get(`/flows/${encodeURIComponent(flow)}/picture?language=${language}`);
}

export function edited(agents: Readonly<Record<string, Member>>): Promise<Edited> {
  return act("POST", "/configuration/members", { agents });
}

/** Every mistake of a change; an earlier version is looked at when it is published. */
export function check(proposal: Proposal): Promise<Checked> {
  return "files" in proposal ? act("POST", "/configuration/check", { files: proposal.files }) : Promise.resolve({ problems: [] });
}

export function difference(proposal: Proposal): Promise<Difference> {
  return "files" in proposal
    ? act("POST", "/configuration/diff", { files: proposal.files })
    : get(`/configuration/versions/${proposal.version}/diff`);
}

export function publish(proposal: Proposal, why: string): Promise<Published> {
  const { base } = proposal;
  return "files" in proposal
    ? act("POST", "/configuration/publish", { base, why, files: proposal.files })
    : act("POST", `/configuration/versions/${proposal.version}/roll-back`, { base, why });
}
