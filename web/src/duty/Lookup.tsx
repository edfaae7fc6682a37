import { useQuery } from '@tanstack/react-query';
import { DatePicker, Form } from 'antd';
import { useState } from 'react';
import { api, now, read } from '../api/client';
import { AreaPicker, MatterPicker } from '../field/pickers';
import { t } from '../text';
import { dayOf } from '../time/words';
import { Empty, Failed, Loading } from '../ui/states';

const iso = (ms: number) => new Date(ms + 8 * 3600_000).toISOString().slice(0, 10);

/** Who was, is or will be responsible for a matter at a place on a day. */
export function Lookup() {
  const [matter, setMatter] = useState('');
  const [area, setArea] = useState('');
  const [day, setDay] = useState(iso(now()));
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['duty', 'responsible', matter, area, day], enabled: matter !== '',
    queryFn: () => read(api.GET('/api/duty/responsible', { params: { query: { matter, area: area || undefined, day } } })),
  });
  return (
    <div className="panel card lookup">
      <Form layout="vertical">
        <Form.Item label={t('duty.matter')}><MatterPicker label={t('duty.matter')} value={matter} onChange={(v) => setMatter(v ?? '')} /></Form.Item>
        <Form.Item label={t('duty.place')}><AreaPicker label={t('duty.place')} value={area} onChange={(v) => setArea(v ?? '')} /></Form.Item>
        <Form.Item label={t('duty.day')}><DatePicker placeholder={dayOf(now())} onChange={(d) => setDay(d ? d.format('YYYY-MM-DD') : iso(now()))} style={{ width: '100%' }} /></Form.Item>
      </Form>
      {error ? <Failed error={error} retry={refetch} /> : !matter ? <Empty title={t('duty.lookup_hint')} /> : !data || isFetching ? <Loading /> : (
        <dl className="answer">
          <dt>{t('duty.answers', { day })}</dt>
          <dd className="who">{data.unit_name || t('duty.nobody')}{data.backstop && <span className="tag">{t('duty.backstop')}</span>}</dd>
          <dd>{data.how}</dd>
          <dt>{t('duty.basis')}</dt><dd>{data.clause || t('duty.nothing')}</dd>
          <dt>{t('duty.edition')}</dt><dd>{data.edition_name || t('duty.first')}{!data.in_force && <span className="tag">{t('duty.not_in_force')}</span>}</dd>
        </dl>
      )}
    </div>
  );
}
