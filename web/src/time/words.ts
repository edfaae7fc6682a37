import { t } from '../text';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const zone = 'Asia/Shanghai';

function format(opts: Intl.DateTimeFormatOptions) {
  const f = new Intl.DateTimeFormat('zh-CN', { timeZone: zone, hourCycle: 'h23', ...opts });
  return (at: number) => f.format(at).replaceAll('/', '-');
}

const clockTime = format({ hour: '2-digit', minute: '2-digit' });
const dayAndTime = format({ month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const full = format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const date = format({ year: 'numeric', month: '2-digit', day: '2-digit' });

/** The exact time, for hovering and print. */
export const exact = (at: number) => (at ? full(at) : '');

/** A limit in full: at midnight it ends the day before, 11-30 24:00. */
export const until = (at: number) => (at && (at + 8 * hour) % day === 0 ? `${full(at - minute).slice(0, -8)}24:00:00` : exact(at));

/** The calendar day in China, as yyyy-mm-dd. */
export const dayOf = (at: number) => date(at);

/** Hours and minutes in China. */
export const hourMinute = (at: number) => clockTime(at);

/** Midnight in China of the day that is `back` days before the one of `at`. */
export function midnight(at: number, back = 0): number {
  const local = at + 8 * hour;
  return Math.floor(local / day) * day - 8 * hour - back * day;
}

/** A length of time in its two largest units, rounded down. */
export function span(ms: number): string {
  const m = Math.floor(Math.abs(ms) / minute);
  if (m < 1) return t('time.under_minute');
  if (m < 60) return t('time.minutes', { n: m });
  if (m < 24 * 60) {
    const rest = m % 60;
    return t('time.hours', { n: Math.floor(m / 60) }) + (rest ? ' ' + t('time.minutes', { n: rest }) : '');
  }
  const h = Math.floor(m / 60) % 24;
  return t('time.days', { n: Math.floor(m / 60 / 24) }) + (h ? ' ' + t('time.hours', { n: h }) : '');
}

/** How long ago, as people say it: 刚刚, 12 分钟前, 今天 9:05, 昨天 15:20, 11-3 08:00. */
export function ago(at: number, now: number): string {
  if (!at) return '';
  const d = now - at;
  // The server's stamp may be a breath ahead of this desk's idea of its clock.
  if (d > -minute && d < minute) return t('time.just_now');
  if (d >= 0 && d < hour) return t('time.ago', { span: span(d) });
  if (at >= midnight(now) && at < midnight(now) + day) return t('time.today', { time: clockTime(at) });
  if (at >= midnight(now, 1) && at < midnight(now)) return t('time.yesterday', { time: clockTime(at) });
  return now - at < 300 * day ? dayAndTime(at) : date(at);
}

export type Pressure = 'late' | 'soon' | 'running';

/** What is left of a clock: 还剩 26 分钟, 超时 2 小时 5 分钟. */
export function left(due: number, now: number): string {
  const d = due - now;
  if (d < 0) return t('time.late', { span: span(d) });
  if (d < 10 * minute) {
    const s = Math.ceil(d / 1000);
    return t('time.left', { span: `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}` });
  }
  return t('time.left', { span: span(d) });
}

/** Late, due soon (less than a fifth or five minutes left), or running. */
export function pressure(due: number, started: number, now: number): Pressure {
  if (due < now) return 'late';
  const whole = due - started;
  if (due - now < 5 * minute || (started && whole > 0 && (due - now) / whole < 0.2)) return 'soon';
  return 'running';
}
