import type { Field } from '../api/types';

// Drafts live in the window's own storage: they go when it closes, because they
// may hold personal words and desks are shared.
const key = (name: string) => `draft:${name}`;

/** What was typed before under this name. */
export function recall(name: string): Record<string, unknown> {
  try {
    return JSON.parse(sessionStorage.getItem(key(name)) ?? '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Keeps what was typed; uploaded files are kept by the server. */
export function remember(name: string, fields: Field[], values: Record<string, unknown>) {
  const kept = Object.fromEntries(
    fields.filter((f) => f.type !== 'files' && values[f.code] !== undefined).map((f) => [f.code, values[f.code]]),
  );
  try {
    sessionStorage.setItem(key(name), JSON.stringify(kept));
  } catch {
    // A full store loses the draft, not the form.
  }
}

/** Forgets a draft that has been sent. */
export function forget(name: string) {
  sessionStorage.removeItem(key(name));
}
