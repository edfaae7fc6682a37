import { Tabs } from 'antd';
import { useNavigate, useParams } from 'react-router';
import { t } from '../text';
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
  const { part } = useParams();
  const go = useNavigate();
  return (
    <div className="page">
      <div className="page-head"><h1>{t('desk.admin')}</h1></div>
      <Tabs
        activeKey={part ?? 'staff'} onChange={(k) => go(`/admin/${k}`)} destroyOnHidden
        items={[
          { key: 'staff', label: t('admin.staff'), children: <StaffTable /> },
          { key: 'units', label: t('admin.units'), children: <UnitsTable /> },
          { key: 'models', label: t('models.title'), children: <Models /> },
          { key: 'keys', label: t('admin.keys'), children: <Keys /> },
          { key: 'webhooks', label: t('admin.webhooks'), children: <Webhooks /> },
          { key: 'notices', label: t('admin.troubles'), children: <Troubles /> },
        ]}
      />
    </div>
  );
}
