/**
 * Merges what the server now has into what is on the screen without moving
 * anything: what was shown keeps its order, what is gone leaves, what is new
 * goes to the end.
 */
export function stable<T extends { id: string }>(shown: string[], fresh: T[], gone: Set<string>): T[] {
  const by = new Map(fresh.filter((x) => !gone.has(x.id)).map((x) => [x.id, x]));
  const kept: T[] = [];
  for (const id of shown) {
    const x = by.get(id);
    if (!x) continue;
    kept.push(x);
    by.delete(id);
  }
  return [...kept, ...by.values()];
}

/** Whether the server's own order would differ from the one shown. */
export function moved(shown: { id: string }[], fresh: { id: string }[], gone: Set<string>): boolean {
  const want = fresh.filter((x) => !gone.has(x.id));
  return want.some((x, i) => shown[i]?.id !== x.id);
}

/** What is opened after the item `id` leaves the list: the next one, or the last. */
export function after(list: { id: string }[], id: string): string | undefined {
  const i = list.findIndex((x) => x.id === id);
  if (i < 0) return list[0]?.id;
  return list[i + 1]?.id ?? list[i - 1]?.id;
}
