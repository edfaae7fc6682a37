import { App } from 'antd';
import { t } from '../text';

/** A number that one click copies. */
export function Copy({ text }: { text: string }) {
  const { message } = App.useApp();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Plain http has no clipboard; the old way still works there.
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    message.success(t('copy.done', { text }));
  };
  return (
    <button type="button" className="bare copy num" title={t('copy.title')} onClick={() => void copy()}>
      {text}
    </button>
  );
}
