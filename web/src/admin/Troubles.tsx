import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Table } from 'antd';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import { t, type Key } from '../text';
import { exact } from '../time/words';
import { Failed, sentence } from '../ui/states';
import '../ui/tags.css';
import './admin.css';

/** Notices that failed, came back or may not have left; each can be sent again. */
export function Troubles() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['admin', 'notices'],
    queryFn: async () => (await read(api.GET('/api/admin/notices'))).items,
    refetchInterval: 10_000,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  const again = async (id: string) => {
    try {
      await api.POST('/api/admin/notices/again', { body: { id } });
      message.success(t('trouble.again_done'));
      await client.invalidateQueries({ queryKey: ['admin', 'notices'] });
    } catch (e) {
      message.error(sentence(e));
    }
  };
  return (
    <>
      <p className="quiet admin-lead">{t('trouble.lead')}</p>
      <div className="table-wrap" role="region" aria-label={t('admin.troubles')} tabIndex={0}>
        <Table
          rowKey="id" size="middle" scroll={{ x: 'max-content' }} dataSource={data} loading={isPending} pagination={{ pageSize: 50, hideOnSinglePage: true }} locale={{ emptyText: t('trouble.none') }}
          columns={[
            { title: t('trouble.notice'), render: (_, n) => <Link to={`/cases/${n.case}`}>{n.title} <span className="num">{n.number}</span></Link> },
            { title: t('trouble.to'), dataIndex: 'audience' },
            { title: t('trouble.channel'), render: (_, n) => t(`channel.${n.channel}` as Key) },
            { title: t('hook.at'), render: (_, n) => <span className="num">{exact(n.at)}</span> },
            { title: t('column.state'), render: (_, n) => <><span className={`tag ${n.state === 'unknown' ? 'urgent' : 'late'}`}>{t(`notice.${n.state}` as Key)}</span> {n.said}</> },
            { title: '', render: (_, n) => <Button size="small" onClick={() => void again(n.id)}>{t('hook.again')}</Button> },
          ]}
        />
      </div>
    </>
  );
}
