import createClient from 'openapi-fetch';
import { locale, t } from '../text';
import type { paths } from './schema';

/** A failure as the server tells it (RFC 9457), or the lack of an answer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly code = '',
    readonly errors: { location: string; message: string }[] = [],
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail);
  }

  /** Nobody is signed in, or no longer. */
  get signedOut() {
    return this.status === 401;
  }

  /** Somebody else changed the case first. */
  get stale() {
    return this.status === 409;
  }
}

type Query = Record<string, string | number | boolean | undefined | null>;

let skew = 0;

/** The server's time: clocks on desks are often minutes wrong. */
export function now(): number {
  return Date.now() + skew;
}

/** Writes a query string, leaving out what is empty. */
export function query(q: Query = {}): string {
  const p = new URLSearchParams();
  for (const [k, v] of Object.entries(q)) {
    if (v !== undefined && v !== null && v !== '' && v !== false) p.set(k, v === true ? '1' : String(v));
  }
  const s = p.toString();
  return s ? `?${s}` : '';
}

async function problem(r: Response): Promise<Problem> {
  const body = (await r.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (body.detail ?? body.title ?? t('fail.unexpected', { status: r.status })) as string;
  return new Problem(r.status, text, body.code as string, (body.errors as []) ?? [], body);
}

async function send(request: Request): Promise<Response> {
  request.headers.set('Accept-Language', locale);
  let r: Response;
  try {
    r = await fetch(request);
  } catch (e) {
    if (request.signal.aborted) throw e;
    throw new Problem(0, t('fail.offline'));
  }
  const date = r.headers.get('Date');
  if (date && !r.headers.get('Age')) {
    const s = Date.parse(date) - Date.now();
    // The header has whole seconds: below two seconds it is not worth a jump.
    skew = Math.abs(s) < 2000 ? 0 : s;
  }
  if (!r.ok) throw await problem(r);
  return r;
}

/** The server, as its own description has it. What fails, throws a Problem. */
export const api = createClient<paths>({ fetch: send });

/** The answer itself. */
export async function read<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}
