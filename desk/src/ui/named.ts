/** The names of several things, by their titles where there are some. */
export function named(ids: Iterable<string>, titles: ReadonlyMap<string, string>): string {
  return [...ids].map((id) => titles.get(id) || id).join(", ");
}
