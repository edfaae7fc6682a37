import { Input, type InputRef } from 'antd';
import { type Ref, useDeferredValue, useState } from 'react';
import { Link } from 'react-router';
import type { Case, Matter, ReadMatter, Suggestion } from '../api/types';
import { UnitPicker, useMatters } from '../field/pickers';
import { t } from '../text';
import { Share } from '../ui/tags';

/** A matter and the unit it would go to. */
export interface Pick {
  matter: string;
  name: string;
  unit: string;
  unit_name: string;
}

export interface Proposal extends Pick {
  probability: number;
  read?: ReadMatter;
}

/** Puts the proposals of the queue and of the reading together: best three. */
export function proposals(it: Case | undefined, quick: Suggestion[], units: Map<string, Matter>): Proposal[] {
  const read = it?.reading?.matters ?? [];
  const codes = quick.length ? quick.map((q) => q.code) : read.map((m) => m.code);
  return codes.slice(0, 3).map((code, i) => {
    const q = quick.find((x) => x.code === code);
    const m = read.find((x) => x.code === code);
    const there = units.get(code);
    const first = i === 0 ? it?.reading?.unit : undefined;
    return {
      matter: code,
      name: q?.name ?? m?.name ?? code,
      probability: q?.probability ?? m?.probability ?? 0,
      unit: there?.unit || q?.unit || m?.unit || first?.code || '',
      unit_name: there?.unit_name || q?.unit_name || m?.unit_name || first?.name || '',
      read: m,
    };
  });
}

interface Props {
  list: Proposal[];
  area: string;
  looked: number;
  onLook: (i: number) => void;
  onPick: (p: Pick) => void;
  unit?: string;
  onUnit: (u: string | undefined) => void;
  searchRef: Ref<InputRef>;
  blocked: boolean;
}

/** The three best proposals with their grounds, and the duty list to search. */
export function Suggestions({ list, area, looked, onLook, onPick, unit, onUnit, searchRef, blocked }: Props) {
  return (
    <div className="suggest">
      <DutySearch area={area} onPick={onPick} searchRef={searchRef} blocked={blocked} />
      <ol>
        {list.map((p, i) => (
          <li key={p.matter} className={`suggestion ${i === looked ? 'looked' : ''}`} onPointerEnter={() => onLook(i)}>
            <button type="button" className="bare pick" disabled={blocked} onFocus={() => onLook(i)} onClick={() => onPick(p)}>
              <kbd>{i + 1}</kbd>
              <span className="pick-name">
                <b>{p.name}</b>
                <span>→ {unit ? t('dispatch.other_unit') : p.unit_name || t('dispatch.no_unit')}</span>
              </span>
              <Share value={p.probability} label={t('read.probability')} />
            </button>
            <Grounds p={p} />
          </li>
        ))}
      </ol>
      {list.length === 0 && <p className="quiet">{t('dispatch.no_suggestion')}</p>}
      <label className="unit-override">
        <span className="quiet small">{t('dispatch.unit_override')}</span>
        <UnitPicker value={unit} onChange={onUnit} label={t('dispatch.unit_override')} allowClear placeholder={t('dispatch.by_duty')} />
      </label>
    </div>
  );
}

function Grounds({ p }: { p: Proposal }) {
  const m = p.read;
  if (!m) return null;
  const near = m.neighbours.slice(0, 2);
  return (
    <div className="grounds">
      <div className="quiet">{m.levels.join(' › ')} <span className="num">{m.code}</span></div>
      {m.clause && <div className="clause">{m.clause}</div>}
      {m.how && <div className="quiet clause">{[m.how, m.basis].filter(Boolean).join(' · ')}</div>}
      {near.map((n) => (
        <div key={n.id} className="near">
          <Link to={`/cases/${n.id}`} target="_blank" title={n.number}>{n.title || n.number}</Link>
          <span className="quiet num">{t('read.alike', { n: Math.round(n.similarity * 100) })}</span>
        </div>
      ))}
    </div>
  );
}

function DutySearch({ area, onPick, searchRef, blocked }: {
  area: string; onPick: (p: Pick) => void; searchRef: Ref<InputRef>; blocked: boolean;
}) {
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const asked = useDeferredValue(q.trim());
  const { data } = useMatters(asked, area, 8);
  const found = asked ? (data ?? []) : [];
  const choose = (m: Matter | undefined) => {
    if (!m || blocked) return;
    setQ('');
    onPick({ matter: m.code, name: m.name, unit: m.unit || m.backstop || '', unit_name: m.unit_name ?? '' });
  };
  return (
    <div className="duty">
      <Input
        ref={searchRef} value={q} allowClear prefix={<kbd>/</kbd>} placeholder={t('dispatch.search')}
        role="combobox" aria-label={t('dispatch.search')} aria-expanded={found.length > 0} aria-controls="duty-found"
        aria-activedescendant={found[at] ? `duty-${found[at].code}` : undefined}
        onChange={(e) => { setQ(e.target.value); setAt(0); }}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
          else if (e.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
          else if (e.key === 'Enter' && !e.nativeEvent.isComposing) choose(found[at]);
          else if (e.key === 'Escape') { setQ(''); e.currentTarget.blur(); }
          else return;
          e.preventDefault();
        }}
      />
      {asked && (
        <ul id="duty-found" role="listbox" aria-label={t('dispatch.search')} className="duty-found panel">
          {found.map((m, i) => (
            <li
              key={m.code} id={`duty-${m.code}`} role="option" aria-selected={i === at} className={i === at ? 'current' : ''}
              onPointerEnter={() => setAt(i)} onClick={() => choose(m)}
            >
              <b>{m.name}</b>
              <span className="quiet small">{m.levels.join(' › ')} <span className="num">{m.code}</span></span>
              <span className="small">→ {m.unit_name || t(m.by === 'place' ? 'dispatch.unit_by_place' : 'dispatch.no_unit')}</span>
            </li>
          ))}
          {found.length === 0 && <li className="quiet" role="option" aria-selected={false} aria-disabled>{t('dispatch.none_found')}</li>}
        </ul>
      )}
    </div>
  );
}
