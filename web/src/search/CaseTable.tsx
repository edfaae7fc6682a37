import { Checkbox } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Row } from '../api/types';
import { type Key, t } from '../text';
import { Countdown } from '../time/Countdown';
import { useNow } from '../time/tick';
import { ago, exact } from '../time/words';
import { StateTag, UrgencyTag } from '../ui/tags';
import type { Column } from './filters';
import './search.css';

interface Props {
  rows: Row[];
  columns: Column[];
  ticked: Set<string>;
  onTick: (id: string) => void;
}

/** Cases as a table with the columns chosen. */
export function CaseTable({ rows, columns, ticked, onTick }: Props) {
  const now = useNow(60_000);
  return (
    <div className="table-wrap panel">
      <table className="cases">
        <thead>
          <tr>
            <th><span className="sr">{t('list.ticks')}</span></th>
            <th scope="col">{t('column.title')}</th>
            {columns.map((c) => <th key={c} scope="col">{t(`column.${c}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.id}>
              <td><Checkbox checked={ticked.has(r.id)} onChange={() => onTick(r.id)} aria-label={t('list.tick', { title: r.title || r.number })} /></td>
              <td className="title-cell">
                <Link to={`/cases/${r.id}`}>{r.title || t('case.untitled')}</Link>
                <div className="quiet small"><span className="num">{r.number}</span> <UrgencyTag code={r.urgency} />{r.repeats > 0 && <span className="tag">{t('list.repeats', { n: r.repeats })}</span>}</div>
              </td>
              {columns.map((c) => <td key={c}>{cells[c](r, now)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cells: Record<Column, (r: Row, now: number) => ReactNode> = {
  state: (r) => <StateTag row={r} />,
  due: (r) => <Countdown due={r.due_at} started={r.due_started_at} title={r.due_title} idle="—" />,
  unit: (r) => <>{r.unit_name}{r.holder_name && <div className="quiet small">{r.holder_name}</div>}</>,
  area: (r) => r.area_name,
  matter: (r) => r.matter_name,
  channel: (r) => r.channel_name,
  nature: (r) => r.nature,
  filed: (r, now) => <span className="num" title={exact(r.filed_at)}>{ago(r.filed_at, now)}</span>,
  rating: (r) => (r.rating ? t(`rating.${r.rating}` as Key) : ''),
};
