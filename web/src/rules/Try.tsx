import { App, Button, DatePicker, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { now } from '../api/client';
import { t } from '../text';
import { sentence } from '../ui/states';
import type { RuleTable } from './RulesPage';

type Fact = components['schemas']['RuleFact'];
type Tried = components['schemas']['RuleTried'];

const today = () => new Date(now() + 8 * 3600e3).toISOString().slice(0, 10);

/** Asks the table what it says of somebody, and shows why. */
export function Try({ table, onCells }: { table: RuleTable; onCells: (c: Tried['cells']) => void }) {
  const { message } = App.useApp();
  const [given, setGiven] = useState<Record<string, string>>({});
  const [said, setSaid] = useState<Tried>();
  const ask = async () => {
    try {
      const r = await read(api.POST('/api/rules/try', { body: { table, on: today(), given } }));
      setSaid(r);
      onCells(r.cells);
    } catch (err) {
      message.error(sentence(err));
    }
  };
  return (
    <div className="try">
      <h3>{t('rules.try')}</h3>
      <div className="try-facts">
        {table.facts.filter((f) => !f.value).map((f) => (
          <label key={f.code}>{f.title}<Field f={f} value={given[f.code]} onChange={(v) => setGiven(({ [f.code]: _, ...rest }) => (v ? { ...rest, [f.code]: v } : rest))} /></label>
        ))}
      </div>
      <Button onClick={() => void ask()}>{t('rules.ask')}</Button>
      {said && (
        <div className="said" aria-live="polite">
          <p className={`headline ${said.grants ? 'grants' : ''}`}>{said.headline}</p>
          {said.basis && <p className="quiet">{said.basis}</p>}
          {said.missing.length > 0 && <p>{t('rules.missing', { facts: said.missing.join('、') })}</p>}
          <ul>
            {said.because.map((r) => <li key={`${r.row} ${r.fact}`} className={r.says}>{r.text}</li>)}
            {said.lacking.map((r) => <li key={`lacking ${r.row} ${r.fact}`} className={r.says}>{r.text}</li>)}
          </ul>
          <p className="quiet small">{said.person}</p>
        </div>
      )}
    </div>
  );
}

function Field({ f, value, onChange }: { f: Fact; value: string | undefined; onChange: (v: string) => void }) {
  const choose = (options: { value: string; label: string }[]) => <Select allowClear value={value} options={options} onChange={(v) => onChange(v ?? '')} placeholder={t('rules.unknown')} />;
  switch (f.type) {
    case 'yesno': return choose([{ value: 'yes', label: t('rules.yes') }, { value: 'no', label: t('rules.no') }]);
    case 'choice': return choose((f.options ?? []).map((o) => ({ value: o.code, label: o.title })));
    case 'number': return <InputNumber style={{ width: '100%' }} placeholder={t('rules.unknown')} onChange={(v) => onChange(v === null ? '' : String(v))} />;
    case 'date': return <DatePicker style={{ width: '100%' }} placeholder={t('rules.unknown')} onChange={(_, v) => onChange(String(v ?? ''))} />;
    default: return <Input value={value} placeholder={t('rules.unknown')} onChange={(x) => onChange(x.target.value)} />;
  }
}
