import type { Session } from '../api/types';
import type { Key } from '../text';

/** The rooms of the staff site, in the order of the bar, with further pages that belong to them. */
export const desks: { code: string; path: string; title: Key; pages?: string[] }[] = [
  { code: 'dispatch', path: '/dispatch', title: 'desk.dispatch' },
  { code: 'inbox', path: '/inbox', title: 'desk.inbox' },
  { code: 'benefits', path: '/benefits', title: 'desk.benefits' },
  { code: 'window', path: '/window', title: 'desk.window' },
  { code: 'seat', path: '/seat', title: 'desk.seat' },
  { code: 'intake', path: '/intake', title: 'desk.intake' },
  { code: 'audit', path: '/audit', title: 'desk.audit' },
  { code: 'callback', path: '/callback', title: 'desk.callback' },
  { code: 'rule', path: '/rule', title: 'desk.rule' },
  { code: 'supervise', path: '/supervise', title: 'desk.supervise', pages: ['/lived'] },
  { code: 'rounds', path: '/rounds', title: 'desk.rounds' },
  { code: 'knowledge', path: '/knowledge', title: 'desk.knowledge' },
  { code: 'topics', path: '/topics', title: 'desk.topics' },
  { code: 'services', path: '/services', title: 'desk.services' },
  { code: 'duty', path: '/duty', title: 'desk.duty' },
  { code: 'rules', path: '/rules', title: 'desk.rules' },
  { code: 'cases', path: '/cases', title: 'desk.cases' },
  { code: 'figures', path: '/figures', title: 'desk.figures', pages: ['/ledger'] },
  { code: 'brief', path: '/brief', title: 'desk.brief' },
  { code: 'screen', path: '/screen', title: 'desk.screen' },
  { code: 'registers', path: '/registers', title: 'desk.registers' },
  { code: 'admin', path: '/admin', title: 'desk.admin' },
];

export const desksOf = (s: Session) => desks.filter((d) => s.desks.includes(d.code));
