/** The names of several things, by their titles where there are some. */
export function named(ids: Iterable<string>, titles: ReadonlyMap<string, string>): string {
  return [...ids].map((id) => titles.get(id) || id).join(", ");
}

/** The same things in the order of their names, each once. */
export function byName(ids: Iterable<string>, titles: ReadonlyMap<string, string>, locale: string): string[] {
  const order = new Intl.Collator(locale).compare;
  return [...new Set(ids)].sort((one, other) => order(named([one], titles), named([other], titles)));
}

/** Whether a skill is somebody's own, not that of sitting at a place where people come. */
export function isOwn(skill: string): boolean {
  return !skill.startsWith("place:");
}
