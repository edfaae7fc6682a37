import { Select, Tabs } from 'antd';
import { useNavigate, useParams } from 'react-router';
import { t } from '../text';
import { useNarrow } from '../ui/narrow';
import { useTitle } from '../ui/title';
import { Keys } from './Keys';
import { Models } from './Models';
import { StaffTable } from './StaffTable';
import { Troubles } from './Troubles';
import { UnitsTable } from './UnitsTable';
import { Webhooks } from './Webhooks';

/** Accounts, units, machine keys, and what goes out to other systems and people. */
export default function AdminPage() {
  useTitle(t('desk.admin'));
  const { part = 'staff' } = useParams();
  const go = useNavigate();
  const narrow = useNarrow(); // the parts do not fit on a phone side by side
  const open = (k: string) => void go(`/admin/${k}`);
  const parts = [
    { key: 'staff', label: t('admin.staff'), children: <StaffTable /> },
    { key: 'units', label: t('admin.units'), children: <UnitsTable /> },
    { key: 'models', label: t('models.title'), children: <Models /> },
    { key: 'keys', label: t('admin.keys'), children: <Keys /> },
    { key: 'webhooks', label: t('admin.webhooks'), children: <Webhooks /> },
    { key: 'notices', label: t('admin.troubles'), children: <Troubles /> },
  ];
  return (
    <div className="page">
      <div className="page-head"><h1>{t('desk.admin')}</h1></div>
      {narrow ? (
        <>
          <Select value={part} onChange={open} options={parts.map((p) => ({ value: p.key, label: p.label }))} aria-label={t('desk.admin')} style={{ width: '100%', marginBottom: 16 }} />
          {parts.find((p) => p.key === part)?.children}
        </>
      ) : <Tabs activeKey={part} onChange={open} destroyOnHidden items={parts} />}
    </div>
  );
}
