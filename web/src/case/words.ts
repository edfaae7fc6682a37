/** Where a piece of a text stands in UTF-16 units; the server counts characters. */
export function place(text: string, word: { text: string; from: number; to: number }): [number, number] | undefined {
  const chars = [...text];
  const there = chars.slice(word.from, word.to).join('');
  if (there === word.text) {
    const at = chars.slice(0, word.from).join('').length;
    return [at, at + there.length];
  }
  // The text was changed since it was read.
  const at = text.indexOf(word.text);
  return at < 0 ? undefined : [at, at + word.text.length];
}

/** Selects words inside an element, whatever marks stand between, and brings them into view. */
export function select(root: Element | null, word: string): boolean {
  if (!root || !word) return false;
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walk.nextNode()) nodes.push(walk.currentNode as Text);
  const at = nodes.map((n) => n.data).join('').indexOf(word);
  if (at < 0) return false;
  const range = document.createRange();
  let before = 0;
  for (const n of nodes) {
    const end = before + n.data.length;
    if (at >= before && at < end) range.setStart(n, at - before);
    if (at + word.length > before && at + word.length <= end) range.setEnd(n, at + word.length - before);
    before = end;
  }
  const picked = getSelection();
  picked?.removeAllRanges();
  picked?.addRange(range);
  range.startContainer.parentElement?.scrollIntoView({ block: 'center', behavior: 'smooth' });
  return true;
}
