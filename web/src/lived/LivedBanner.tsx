import { Link } from 'react-router';
import { t } from '../text';
import { dropWords, useLived } from './data';
import './lived.css';

/** Warns where what the machine sends is less often right than it was. */
export function LivedBanner() {
  const drops = useLived(30).data?.drops ?? [];
  const first = drops[0];
  if (!first) return null;
  return (
    <div className="lived-banner" role="alert">
      <b>{t('lived.warning')}</b>
      <span>{dropWords(first)}{drops.length > 1 && t('lived.more', { n: drops.length - 1 })}</span>
      <Link to="/lived">{t('lived.look')}</Link>
    </div>
  );
}
