import { useEffect, useState } from 'react';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../text';
import type { RuleTable } from './RulesPage';

export type Checked = components['schemas']['RuleChecked'];

/** What is proved of a table, a moment after each change. */
export function useChecked(table: RuleTable): Checked | undefined {
  const [checked, setChecked] = useState<Checked>();
  useEffect(() => {
    let gone = false;
    const wait = setTimeout(async () => {
      try {
        const c = await read(api.POST('/api/rules/check', { body: table }));
        if (!gone) setChecked(c);
      } catch {
        if (!gone) setChecked(undefined);
      }
    }, 250);
    return () => { gone = true; clearTimeout(wait); };
  }, [table]);
  return checked;
}

/** Gaps, overlaps and contradictions, each with facts that show it. */
export function Proofs({ table, checked }: { table: RuleTable; checked: Checked | undefined }) {
  if (!checked) return <p className="quiet" aria-live="polite">{t('rules.checking')}</p>;
  return (
    <div className={`proofs ${checked.sound ? 'sound' : 'unsound'}`} aria-live="polite">
      <h3>{checked.sound ? t('rules.sound', { n: table.examples?.length ?? 0 }) : t('rules.unsound')}</h3>
      <ul>
        {checked.findings.map((f) => (
          <li key={`${f.row} ${f.fact} ${f.what}`} className={f.fault ? 'fault' : ''}>
            {!f.fault && <span className="tag">{t('rules.doubt')}</span>} {f.what}{f.mend && <div className="quiet small">{f.mend}</div>}
          </li>
        ))}
      </ul>
    </div>
  );
}
