/** The contact that a leg belongs to. */
export function contactOf(leg: string): string {
  return leg.slice(0, Math.max(0, leg.lastIndexOf(".")));
}
