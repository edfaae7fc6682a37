import { Alert } from 'antd';
import type { components } from '../api/schema';
import { t } from '../text';

/** What is wrong with an edit, line by line, and how to mend it. */
export function Findings({ list }: { list: components['schemas']['Finding'][] }) {
  const faults = list.filter((f) => f.fault);
  if (faults.length === 0) return null;
  return (
    <Alert
      type="error" showIcon style={{ marginBottom: 12 }} title={t('duty.not_taken')}
      description={<ul className="findings">{faults.slice(0, 50).map((f) => <li key={`${f.line} ${f.what}`}><span className="num">{t('duty.line', { n: f.line })}</span> {f.what} — {f.mend}</li>)}</ul>}
    />
  );
}
