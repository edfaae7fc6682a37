import { en } from './en';
import { zh } from './zh';

export type Key = keyof typeof zh;
export type Locale = 'zh' | 'en';

function chosen(): Locale {
  if (typeof document === 'undefined') return 'zh';
  return /(?:^|; )lang=en\b/.test(document.cookie) ? 'en' : 'zh';
}

/** The language of this page; it changes only with a reload. */
export const locale: Locale = chosen();

const catalogue: Record<Key, string> = locale === 'en' ? en : zh;

/** The sentence of a key, with its {placeholders} filled. */
export function t(key: Key, args?: Record<string, string | number>): string {
  const s = catalogue[key];
  return args ? s.replace(/\{(\w+)\}/g, (_, k: string) => String(args[k] ?? '')) : s;
}

/** Remembers the language, for the server too, and reloads. */
export function setLocale(l: Locale) {
  document.cookie = `lang=${l}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
}
