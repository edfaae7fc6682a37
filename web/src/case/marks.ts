export type Part =
  | { kind: 'plain'; text: string; from: number }
  | { kind: 'word'; text: string; from: number; weight: number }
  | { kind: 'place'; text: string; from: number };

interface Word { text: string; from: number; to: number; weight: number }

/**
 * Cuts a text into plain stretches, weighing words and the words of the place.
 * Positions count characters (code points). The text may be masked since it was
 * read, so a word that is not where it was is looked for, and left out if gone.
 */
export function marks(text: string, words: Word[], place?: string): Part[] {
  const chars = [...text];
  const kind = new Array<number>(chars.length).fill(-1);
  const most = Math.max(0.0001, ...words.map((w) => Math.abs(w.weight)));
  const at = (s: string, near: number) => {
    const want = [...s];
    const fits = (i: number) => want.length > 0 && want.every((c, j) => chars[i + j] === c);
    if (fits(near)) return near;
    return chars.findIndex((_, i) => fits(i));
  };
  const put = (s: string, near: number, k: number) => {
    const i = at(s, near);
    if (i >= 0) kind.fill(k, i, i + [...s].length);
  };
  if (place) put(place, -1, -2);
  words.forEach((w, k) => put(w.text, w.from, k));

  const parts: Part[] = [];
  for (let i = 0; i < chars.length; ) {
    let j = i + 1;
    while (j < chars.length && kind[j] === kind[i]) j++;
    const k = kind[i] ?? -1;
    const s = chars.slice(i, j).join('');
    if (k >= 0) parts.push({ kind: 'word', text: s, from: i, weight: Math.abs(words[k]?.weight ?? 0) / most });
    else parts.push({ kind: k === -2 ? 'place' : 'plain', text: s, from: i });
    i = j;
  }
  return parts;
}
