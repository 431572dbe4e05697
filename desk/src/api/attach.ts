/** Files that are given for a contact, to go with an answer or a form. */

import { upload } from "./client";
import type { Uploaded } from "./types";

const NAME_MAX = 120;
/** What names of files may not have anywhere (`Upload` in web/messages.py). */
const UNSAFE = /[\x00-\x1f\x7f/\\:*?"<>|]/g;
const MEDIA = /^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/;

/** Give a file; return what names it, and how it is called. */
export async function attach(contact: string, file: File): Promise<readonly [string, string]> {
  const name = file.name.replace(UNSAFE, "_").slice(-NAME_MAX);
  const query = new URLSearchParams({ name, media: MEDIA.test(file.type) ? file.type : "application/octet-stream" });
  const { attachment } = await upload<Uploaded>(`/contacts/${contact}/attachments?${query}`, file);
  return [attachment, name];
}
