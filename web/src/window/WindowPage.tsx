import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useSearchParams } from 'react-router';
import { api, read } from '../api/client';
import { t } from '../text';
import { Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { Apply } from './Apply';
import { Bookings } from './Bookings';
import './window.css';

/** The window: who comes with an appointment, and applying for whoever is present. */
export default function WindowPage() {
  useTitle(t('desk.window'));
  const [params, setParams] = useSearchParams();
  const { data, error, refetch } = useQuery({ queryKey: ['window', 'services'], queryFn: async () => (await read(api.GET('/api/window/services'))).items });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const part = data.length === 0 ? 'bookings' : (params.get('part') ?? 'apply');
  return (
    <div className="page window">
      <div className="page-head">
        <h1>{t('desk.window')}</h1>
        {data.length > 0 && (
          <Segmented value={part} onChange={(v) => setParams({ part: v })} options={[{ value: 'apply', label: t('window.apply') }, { value: 'bookings', label: t('window.bookings') }]} />
        )}
      </div>
      {part === 'bookings' ? <Bookings services={data} begin={(service) => setParams({ part: 'apply', service })} /> : <Apply services={data} chosen={params.get('service') ?? undefined} choose={(service) => setParams(service ? { part: 'apply', service } : { part: 'apply' })} />}
    </div>
  );
}
