import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import { t } from '../text';
import { Empty, Failed } from '../ui/states';

/** Matters that units hand back or on, the most often first: their clause does not hold. */
export function Unwanted() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['duty', 'unwanted'], queryFn: async () => (await read(api.GET('/api/duty/unwanted', { params: { query: { days: 90 } } }))).items,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  if (data?.length === 0) return <Empty title={t('duty.none_unwanted')} />;
  return (
    <section className="panel card">
      <p className="quiet small">{t('duty.unwanted_hint')}</p>
      <div className="table-wrap" role="region" aria-label={t('duty.unwanted')} tabIndex={0}>
        <Table
          rowKey="matter" size="middle" dataSource={data} loading={isPending} pagination={false}
          columns={[
            { title: t('duty.matter'), render: (_, r) => <Link to={`/cases?matter=${r.matter}`}>{r.matter_name || r.matter}</Link> },
            { title: t('duty.received'), dataIndex: 'received', align: 'right', className: 'num' },
            { title: t('duty.returned'), dataIndex: 'returned', align: 'right', className: 'num' },
            { title: t('duty.redispatched'), dataIndex: 'redispatched', align: 'right', className: 'num' },
            { title: t('duty.disputed_now'), align: 'right', className: 'num', render: (_, r) => (r.open ? <Link to={`/cases?matter=${r.matter}&lane=return`}>{r.open}</Link> : 0) },
          ]}
        />
      </div>
    </section>
  );
}
