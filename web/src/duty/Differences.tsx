import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client';
import { t } from '../text';
import { Empty, Failed, Loading } from '../ui/states';

/** What one edition says otherwise than another, matter by matter. */
export function Differences({ no, other }: { no: number; other: number }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['duty', 'difference', no, other],
    queryFn: async () => (await read(api.GET('/api/duty/editions/{no}/difference', { params: { path: { no }, query: { with: other } } }))).items,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  if (data.length === 0) return <Empty title={t('duty.no_difference')} />;
  return (
    <ul className="differences">
      {data.map((d) => (
        <li key={d.code}>
          <div><span className={`tag ${d.kind}`}>{t(`duty.${d.kind}`)}</span> <b>{d.name}</b> <span className="quiet small num">{d.code}</span></div>
          {d.cells.map((c) => (
            <p key={c.column} className="cell"><span className="quiet">{c.column}</span> <del>{c.before || t('duty.nothing')}</del> → <ins>{c.after || t('duty.nothing')}</ins></p>
          ))}
        </li>
      ))}
    </ul>
  );
}
