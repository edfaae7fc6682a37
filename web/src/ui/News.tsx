import { t } from '../text';

/** Says that something new came, and waits to be asked for it. */
export function News({ count, show }: { count: number; show: () => void }) {
  return (
    <div aria-live="polite">
      {count > 0 && (
        <button type="button" className="bare news" onClick={show}>{t('list.news', { n: count })}</button>
      )}
    </div>
  );
}
