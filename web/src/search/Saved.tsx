import { Button, Input, Popover } from 'antd';
import { useState } from 'react';
import { useSession } from '../app/session';
import { t } from '../text';
import type { Filters } from '../ui/rows';
import { savedFilters, saveFilter } from './filters';

interface Props {
  filters: Filters;
  open: (query: string) => void;
}

/** The filters kept on this desk, and a way to keep those that hold now. */
export function SavedFilters({ filters, open }: Props) {
  const { id } = useSession().staff;
  const [list, setList] = useState(() => savedFilters(id));
  const [name, setName] = useState('');
  const [asking, setAsking] = useState(false);
  // Words may name a person, and desks are shared.
  const kept = Object.fromEntries(Object.entries(filters).filter(([k]) => k !== 'q'));
  const now = new URLSearchParams(kept).toString();
  const keep = () => {
    if (!name.trim()) return;
    setList(saveFilter(id, { name: name.trim(), query: now }));
    setName('');
    setAsking(false);
  };
  if (list.length === 0 && !now) return null;
  return (
    <div className="row wrap saved" role="group" aria-label={t('search.saved')}>
      {list.map((s) => (
        <span key={s.name} className={`saved-one ${s.query === now ? 'on' : ''}`}>
          <Button size="small" type="text" onClick={() => open(s.query)}>{s.name}</Button>
          <button type="button" className="bare quiet" aria-label={t('search.forget', { name: s.name })} onClick={() => setList(saveFilter(id, { name: s.name, query: '' }))}>×</button>
        </span>
      ))}
      {now && !list.some((s) => s.query === now) && (
        <Popover
          trigger="click" placement="bottomLeft" open={asking} onOpenChange={setAsking}
          content={(
            <form className="row" onSubmit={(e) => { e.preventDefault(); keep(); }}>
              <Input value={name} onChange={(e) => setName(e.target.value)} maxLength={20} aria-label={t('search.save_as')} placeholder={t('search.save_as')} autoFocus />
              <Button htmlType="submit" type="primary" disabled={!name.trim()}>{t('search.keep')}</Button>
            </form>
          )}
        >
          <Button size="small" type="text">{t('search.save')}</Button>
        </Popover>
      )}
    </div>
  );
}
