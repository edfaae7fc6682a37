import { t } from '../text';
import './paper.css';

const forms = ['pdf', 'docx', 'html'] as const;

/** A paper that can be looked at, edited in a word processor, or printed. */
export function Paper({ title, path }: { title: string; path: string }) {
  return (
    <p className="paper no-print">
      <span>{title}</span>
      {forms.map((f) => <a key={f} href={path.endsWith('/') ? path + f : `${path}.${f}`} target="_blank" rel="noreferrer">{t(`paper.${f}`)}</a>)}
    </p>
  );
}
