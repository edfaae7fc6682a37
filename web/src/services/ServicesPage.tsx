import { useQuery } from '@tanstack/react-query';
import { Button, Input, Pagination, Select } from 'antd';
import { useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import '../figures/figures.css';
import { type Key, t } from '../text';
import { Empty, Failed, Loading } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import './services.css';

type List = components['schemas']['ServiceList'];
type Row = components['schemas']['ServiceRow'];
type Indicator = components['schemas']['Indicator'];

const filters = ['q', 'theme', 'unit', 'level', 'mode', 'state', 'indicator', 'part'] as const;
const perPage = 50;

/** The catalogue of service items: its figures, what the check found, and the items. */
export default function ServicesPage() {
  useTitle(t('desk.services'));
  const [params, setParams] = useSearchParams();
  const chosen = Object.fromEntries(filters.map((f) => [f, params.get(f) ?? undefined]));
  const from = Number(params.get('from') ?? 0) || 0;
  const set = (patch: Record<string, string | undefined>) => setParams((old) => {
    const next = new URLSearchParams(old);
    for (const [k, v] of Object.entries({ from: undefined, ...patch })) {
      if (v) next.set(k, v);
      else next.delete(k);
    }
    return next;
  });
  const list = useQuery({ queryKey: ['services', chosen, from], queryFn: () => read(api.GET('/api/services', { params: { query: { ...chosen, from } } })), placeholderData: (old) => old });
  const about = { ...chosen, indicator: undefined, part: undefined };
  const rates = useQuery({ queryKey: ['services', 'indicators', about], queryFn: async () => (await read(api.GET('/api/services/indicators', { params: { query: about } }))).items, placeholderData: (old) => old });
  if (list.error) return <Failed error={list.error} retry={list.refetch} />;
  if (!list.data || !rates.data) return <Loading />;
  const behind = rates.data.find((i) => i.code === chosen.indicator);
  return (
    <div className="page services">
      <div className="page-head">
        <h1>{t('desk.services')}</h1>
        <span className="quiet num">{t('services.counts', { n: list.data.total, all: list.data.all })}</span>
        <span className="grow" />
        <a href="#findings">{t('services.findings')}</a>
      </div>
      <Choose list={list.data} chosen={chosen} set={set} clear={() => setParams({})} />
      <Spared />
      <Indicators all={rates.data} chosen={chosen.indicator} part={chosen.part} set={set} />
      {behind && <p className="quiet small service-formula">{behind.title} = {behind.formula}。{t('services.behind', { items: behind.items, unknown: behind.unknown })}</p>}
      <Items list={list.data} from={from} set={set} />
      <Findings />
    </div>
  );
}

interface Chosen { chosen: Record<string, string | undefined>; set: (patch: Record<string, string | undefined>) => void }

function Choose({ list, chosen, set, clear }: Chosen & { list: List; clear: () => void }) {
  const [q, setQ] = useState(chosen.q ?? '');
  useEffect(() => setQ(chosen.q ?? ''), [chosen.q]);
  const pick = (key: 'unit' | 'theme' | 'level' | 'mode' | 'state', all: { code: string; title: string }[], label: Key) => (
    <Select
      aria-label={t(label)} placeholder={t(label)} value={chosen[key]} allowClear onChange={(v) => set({ [key]: v })} popupMatchSelectWidth={false}
      options={all.map((x) => ({ value: x.code, label: x.title }))} showSearch={{ optionFilterProp: 'label' }}
    />
  );
  const any = filters.some((f) => chosen[f]);
  return (
    <div className="service-choose">
      <Input.Search className="find" allowClear value={q} onChange={(e) => setQ(e.target.value)} onSearch={(v) => set({ q: v.trim() })} aria-label={t('services.find')} placeholder={t('services.find')} />
      {pick('unit', list.units, 'services.all_units')}
      {pick('theme', list.themes, 'services.all_themes')}
      {pick('level', list.levels, 'services.all_levels')}
      {pick('mode', list.modes, 'services.all_modes')}
      {pick('state', list.states, 'services.all_states')}
      {any && <Button type="text" onClick={clear}>{t('services.clear')}</Button>}
    </div>
  );
}

/** What decided applications spared the people: of one item, or of all. */
export function Spared({ item }: { item?: string }) {
  const { data } = useQuery({ queryKey: ['services', 'spared', item], queryFn: () => read(api.GET('/api/services/spared', { params: { query: { code: item } } })) });
  if (!data?.answered) return null;
  return <p className="service-spared" title={t('services.spared_formula')}>{t('services.spared', { since: data.since, answered: data.answered, documents: data.documents, days: data.days, steps: data.steps })}</p>;
}

const shown = (i: Indicator) => (i.mean ? i.value.toFixed(2) : `${(100 * i.value).toFixed(2)}%`);

/** The figure above, below it what it is counted from; a click opens the items behind it. */
function Indicators({ all, chosen, part, set }: { all: Indicator[]; chosen?: string; part?: string; set: Chosen['set'] }) {
  return (
    <section className="rates" aria-label={t('services.indicators')}>
      {all.map((i) => {
        const of = i.code === 'compression' ? t('services.days', { n: i.n, of: i.of }) : i.mean ? t('services.visits', { n: i.n, of: i.of }) : `${i.n} ÷ ${i.of}`;
        const open = (p: string) => set(chosen === i.code && part === p ? { indicator: undefined, part: undefined } : { indicator: i.code, part: p });
        return (
          <div key={i.code} className={`rate ${chosen === i.code ? 'chosen' : ''}`} title={i.formula}>
            <span>{i.title}</span>
            <b className="num">{i.of ? shown(i) : '—'}</b>
            <small className="num">{of}</small>
            <span className="row wrap small rate-parts">
              {([['in', i.in], ['out', i.items - i.in], ['unknown', i.unknown]] as const).filter(([, n]) => n > 0).map(([p, n]) => (
                <button key={p} type="button" className="bare link" aria-pressed={chosen === i.code && part === p} aria-label={t('services.indicator', { title: i.title, part: `${t(`services.${p}`)} ${n}` })} onClick={() => open(p)}>{t(`services.${p}`)} <span className="num">{n}</span></button>
              ))}
            </span>
          </div>
        );
      })}
    </section>
  );
}

function Items({ list, from, set }: { list: List; from: number; set: Chosen['set'] }) {
  if (list.items.length === 0) return <section className="panel card"><Empty title={t('services.none')}>{t('services.none_hint')}</Empty></section>;
  return (
    <section className="panel card">
      <div className="table-wrap"><table className="figures-table service-table">
        <thead><tr><th scope="col">{t('services.item')}</th><th scope="col">{t('services.unit')}</th><th scope="col">{t('services.level')}</th><th scope="col">{t('services.mode')}</th><th scope="col">{t('services.limit')}</th></tr></thead>
        <tbody>{list.items.map((r) => <Line key={r.code} row={r} states={list.states} />)}</tbody>
      </table></div>
      <Pagination size="small" hideOnSinglePage pageSize={perPage} showSizeChanger={false} current={from / perPage + 1} total={list.total} onChange={(p) => set({ from: String((p - 1) * perPage || '') })} />
    </section>
  );
}

function Line({ row: r, states }: { row: Row; states: List['states'] }) {
  return (
    <tr>
      <th scope="row"><Link to={`/services/${r.code}`}>{r.title}</Link> <small className="quiet">{r.type} · {r.base}</small></th>
      <td>{r.unit_name}</td><td>{r.level}</td>
      <td>{r.mode} <span className={`tag ${r.state === 'unwritten' ? 'late' : r.state === 'guide' ? '' : 'open'}`}>{states.find((s) => s.code === r.state)?.title}</span></td>
      <td className="num">{r.promised || '—'} / {r.legal || '—'}</td>
    </tr>
  );
}

const kinds = ['alike', 'ways', 'missing', 'hidden'] as const;

/** What the check found, each leading to its item. */
export function Findings({ item }: { item?: string }) {
  const [kind, setKind] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: ['services', 'findings', kind, item], queryFn: () => read(api.GET('/api/services/findings', { params: { query: { kind: kind || undefined, item } } })), placeholderData: (old) => old,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const total = kinds.reduce((n, k) => n + (data.counts[k] ?? 0), 0);
  if (item && total === 0) return null;
  return (
    <section className="panel card" id="findings">
      <h2>{t('services.findings')} <span className="quiet num">{total}</span></h2>
      {!item && (
        <div className="row wrap chips" role="group" aria-label={t('services.findings')}>
          <button type="button" className="bare chip" aria-pressed={!kind} onClick={() => setKind('')}>{t('services.finding_all')}</button>
          {kinds.filter((k) => data.counts[k]).map((k) => (
            <button key={k} type="button" className="bare chip" aria-pressed={kind === k} onClick={() => setKind(k)}>{t(`services.find_${k}`)} <span className="num">{data.counts[k]}</span></button>
          ))}
        </div>
      )}
      {total === 0 && <p className="quiet">{t('services.no_findings')}</p>}
      <ul className="service-findings">
        {data.items.map((f) => (
          <li key={f.kind + f.item + f.said}>
            <span className={`tag ${f.kind === 'alike' || f.kind === 'ways' ? 'late' : ''}`}>{f.title}</span>
            <span className="grow">
              {!item && <><Link to={`/services/${f.item}`}>{f.name}</Link> <span className="quiet small">{f.unit}</span><br /></>}
              {f.said}{f.other && f.other !== item && <> <Link className="small" to={`/services/${f.other}`}>{t('services.other')}</Link></>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
