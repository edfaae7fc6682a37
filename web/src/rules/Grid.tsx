import { Button } from 'antd';
import type { components } from '../api/schema';
import { t } from '../text';
import type { RuleTable } from './RulesPage';

type Row = components['schemas']['RuleRow'];
type Finding = components['schemas']['RuleFinding'];
type Reason = components['schemas']['RuleReason'];

type Fact = components['schemas']['RuleFact'];

/** A test as people read it: options and yes or no in words. */
function read(f: Fact, test: string | undefined): string | undefined {
  if (f.type !== 'choice' && f.type !== 'yesno') return test;
  const words = new Map(f.type === 'yesno' ? [['yes', t('rules.yes')], ['no', t('rules.no')]] : f.options?.map((o) => [o.code, o.title] as [string, string]));
  return test?.split(',').map((x) => words.get(x.trim()) ?? x.trim()).join('、');
}

/** A table as a table: a line for each row, a column for each fact and each result. */
export function Grid({ table, draft, findings, cells, onChange }: { table: RuleTable; draft: boolean; findings: Finding[]; cells: Reason[]; onChange: (x: RuleTable) => void }) {
  const facts = table.facts.filter((f) => draft || table.rows.some((r) => r.when?.[f.code]));
  const put = (i: number, change: (r: Row) => Row) => onChange({ ...table, rows: table.rows.map((r, j) => (j === i ? change(r) : r)) });
  const cell = (i: number, label: string, value: string | undefined, set: (v: string) => void, className: string) => (
    <td className={className}>
      {draft ? <input value={value ?? ''} aria-label={`${table.rows[i]?.code ?? t('rules.else')} ${label}`} placeholder="-" onChange={(x) => set(x.target.value)} /> : value || <span className="quiet">-</span>}
    </td>
  );
  return (
    <div className="table-wrap" role="region" aria-label={t('rules.rows')} tabIndex={0}>
      <table className="rule-grid">
        <thead>
          <tr>
            <th>{t('rules.row')}</th>
            {facts.map((f) => <th key={f.code}>{f.title}<span className="quiet small">{f.unit ? ` ${f.unit}` : ''}{f.value ? ` ${t('rules.computed')}` : ''}</span></th>)}
            {table.results.map((r) => <th key={r.code} className="then">{r.title}<span className="quiet small">{r.unit ? ` ${r.unit}` : ''}</span></th>)}
            <th>{t('rules.clause')}</th><th>{t('rules.from')}</th><th>{t('rules.to')}</th>{draft && <th aria-label={t('rules.tools')} />}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((r, i) => {
            const wrong = findings.filter((f) => f.fault && (f.row === i || f.other === i));
            const says = (code: string) => cells.find((x) => x.row === r.code && x.fact === code)?.says ?? '';
            return (
              // A row's code may be changed while it is edited, so its place is its key.
              // eslint-disable-next-line react/no-array-index-key
              <tr key={i} className={wrong.length > 0 ? 'wrong' : ''}>
                {cell(i, t('rules.row'), r.code, (v) => put(i, (x) => ({ ...x, code: v })), 'code')}
                {facts.map((f) => cell(i, f.title, draft ? r.when?.[f.code] : read(f, r.when?.[f.code]), (v) => put(i, (x) => ({ ...x, when: { ...x.when, [f.code]: v } })), `${wrong.some((w) => w.row === i && w.fact === f.code) ? 'bad ' : ''}${says(f.code)}`))}
                {table.results.map((s) => cell(i, s.title, draft ? r.then?.[s.code] : s.options?.find((o) => o.code === r.then?.[s.code])?.title ?? r.then?.[s.code], (v) => put(i, (x) => ({ ...x, then: { ...x.then, [s.code]: v } })), 'then'))}
                {cell(i, t('rules.clause'), r.clause, (v) => put(i, (x) => ({ ...x, clause: v })), '')}
                {cell(i, t('rules.from'), r.from, (v) => put(i, (x) => ({ ...x, from: v })), 'num')}
                {cell(i, t('rules.to'), r.to, (v) => put(i, (x) => ({ ...x, to: v })), 'num')}
                {draft && (
                  <td className="tools">
                    <button type="button" className="bare" disabled={i === 0} aria-label={t('rules.up', { row: r.code })} onClick={() => onChange({ ...table, rows: table.rows.toSpliced(i - 1, 2, r, table.rows[i - 1] as Row) })}>↑</button>
                    <button type="button" className="bare" aria-label={t('rules.remove', { row: r.code })} onClick={() => onChange({ ...table, rows: table.rows.toSpliced(i, 1) })}>×</button>
                  </td>
                )}
              </tr>
            );
          })}
          {table.else && (
            <tr className="else">
              <td className="code">{t('rules.else')}</td>
              <td colSpan={facts.length} className="quiet">{t('rules.else_means')}</td>
              {table.results.map((s) => {
                const v = table.else?.then[s.code];
                return cell(table.rows.length, s.title, draft ? v : s.options?.find((o) => o.code === v)?.title ?? v, (x) => table.else && onChange({ ...table, else: { ...table.else, then: { ...table.else.then, [s.code]: x } } }), 'then');
              })}
              {cell(table.rows.length, t('rules.clause'), table.else.clause, (x) => table.else && onChange({ ...table, else: { ...table.else, clause: x } }), '')}
              <td colSpan={draft ? 3 : 2} />
            </tr>
          )}
        </tbody>
      </table>
      {draft && <Button style={{ marginTop: 8 }} onClick={() => onChange({ ...table, rows: [...table.rows, { code: `r${table.rows.length + 1}`, when: {}, then: {}, clause: '' }] })}>{t('rules.add')}</Button>}
    </div>
  );
}
