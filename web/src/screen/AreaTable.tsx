import { Link } from 'react-router';
import type { AreaFigure } from '../api/types';
import { t } from '../text';

/** The map as a table: for reading aloud, for print, for machines without graphics. */
export function AreaTable({ figures, names }: { figures: AreaFigure[]; names: Map<string, string> }) {
  const rows = [...figures].sort((a, b) => b.per_thousand - a.per_thousand).slice(0, 100);
  return (
    <div className="area-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{t('row.area')}</th><th scope="col">{t('screen.col_open')}</th>
            <th scope="col">{t('screen.late')}</th><th scope="col">{t('screen.per_thousand')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((f) => (
            <tr key={f.code}>
              <td><Link to={`/cases?area=${f.code}`}>{names.get(f.code) ?? f.code}</Link></td>
              <td className="num">{f.open}</td><td className={`num ${f.late ? 'is-late' : ''}`}>{f.late}</td>
              <td className="num">{f.per_thousand.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
