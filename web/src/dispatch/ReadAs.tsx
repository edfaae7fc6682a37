import { Select } from 'antd';
import { naturesOf, useDeclarations } from '../api/queries';
import type { Case } from '../api/types';
import { AreaPicker } from '../field/pickers';
import { t } from '../text';

/** Nature, urgency and place: as the machine read them, or as the dispatcher says. */
export interface Facts {
  nature: string;
  urgency: string;
  area: string;
}

/** What a case says of itself, or else what was read in it. */
export const factsOf = (it: Case): Facts => ({
  nature: it.nature || it.reading?.nature || '',
  urgency: it.urgency || it.reading?.urgency || '',
  area: it.area || it.reading?.place?.area || '',
});

/** The three facts, each to be corrected in place. */
export function ReadAs({ it, facts, onChange }: { it: Case; facts: Facts; onChange: (f: Facts) => void }) {
  const { data } = useDeclarations();
  const place = it.reading?.place;
  return (
    <div className="read-as">
      <label>
        <span>{t('row.nature')}</span>
        <Select
          value={facts.nature || undefined} aria-label={t('row.nature')} style={{ width: 96 }} placeholder={t('read.unknown')}
          onChange={(nature) => onChange({ ...facts, nature })} options={naturesOf(data, it.family).map((n) => ({ value: n, label: n }))}
        />
      </label>
      <label>
        <span>{t('row.urgency')}</span>
        <Select
          value={facts.urgency || undefined} aria-label={t('row.urgency')} style={{ width: 96 }} placeholder={t('read.unknown')}
          onChange={(urgency) => onChange({ ...facts, urgency })}
          options={data?.urgencies.map((u) => ({ value: u.code, label: u.title }))}
        />
      </label>
      <label>
        <span>{t('row.area')}</span>
        <AreaPicker
          value={facts.area || undefined} label={t('row.area')} allowClear placeholder={t('read.no_place')}
          onChange={(area) => onChange({ ...facts, area: area ?? '' })}
        />
      </label>
      {place?.words && <span className="quiet small">{t('read.from_words', { words: place.words })}</span>}
    </div>
  );
}
