import { Button, Checkbox, Input, InputNumber, Radio, Select } from 'antd';
import { naturesOf, useDeclarations } from '../api/queries';
import type { Field } from '../api/types';
import { type Key, t } from '../text';
import { AreaPicker, MatterPicker, StaffPicker, UnitPicker } from './pickers';
import { Upload } from './Upload';

/** What a form is about, as far as its choices depend on it. */
export interface About {
  /** The case it is about; a reply is read beside its message. */
  id?: string;
  unit?: string;
  family?: string;
  /** Code of the matter, for what is said of some matters only. */
  matter?: string;
}

// A form item hands in a value of whatever type the field has.
interface Control {
  id?: string;
  value?: any;
  onChange?: (v: any) => void;
}

interface Props extends Control {
  field: Field;
  about: About;
}

// The facts that every case has, whatever its family: a declaration may ask for
// them as plain text, but people should choose.
const facts = new Set(['nature', 'urgency', 'area']);

/** The control for one declared field; a form item hands in value and onChange. */
export function FieldInput({ field, about, ...control }: Props) {
  if (field.type === 'text' && facts.has(field.code)) return <FactInput code={field.code} about={about} label={field.title} {...control} />;
  switch (field.type) {
    case 'longtext':
      return <LongInput field={field} about={about} {...control} />;
    case 'choice':
      return <ChoiceInput field={field} {...control} />;
    case 'rating':
      return (
        <Radio.Group {...control} className="choice-list">
          {[1, 2, 3, 4, 5].map((n) => <Radio key={n} value={n}>{t(`rating.${n}` as Key)}</Radio>)}
        </Radio.Group>
      );
    case 'number':
      return <InputNumber {...control} min={0} max={field.max || undefined} style={{ width: 160 }} />;
    case 'date':
      return <Input {...control} type="date" style={{ width: 180 }} />;
    case 'yes':
      return <YesInput title={field.title} {...control} />;
    case 'unit':
      return <UnitPicker {...control} label={field.title} allowClear={!field.required} />;
    case 'area':
      return <AreaPicker {...control} label={field.title} allowClear={!field.required} />;
    case 'staff':
      return <StaffPicker {...control} label={field.title} unit={about.unit ?? ''} allowClear={!field.required} />;
    case 'matter':
      return <MatterPicker {...control} label={field.title} allowClear={!field.required} />;
    case 'files':
      return <Upload {...control} label={field.title} />;
    default:
      return <Input {...control} maxLength={field.max || undefined} />;
  }
}

// What is declared to be said often stands over the field: one click puts it in, and there it is changed.
function LongInput({ field, about, ...control }: Props) {
  const said = String(control.value ?? '');
  const phrases = (field.phrases ?? []).filter((p) => !p.matters?.length || p.matters.some((m) => about.matter?.startsWith(m)));
  return (
    <>
      {phrases.length > 0 && (
        <div className="row wrap phrases" role="group" aria-label={t('form.phrases', { title: field.title })}>
          {phrases.map((p) => (
            <Button key={p.title} size="small" title={p.text} onClick={() => control.onChange?.(said.trim() ? `${said.trimEnd()}\n${p.text}` : p.text)}>
              {p.title}
            </Button>
          ))}
        </div>
      )}
      <Input.TextArea
        {...control} autoSize={{ minRows: 3, maxRows: 14 }} maxLength={field.max || undefined}
        showCount={Boolean(field.max && field.max <= 5000)}
      />
    </>
  );
}

function YesInput({ title, value, onChange, id }: Control & { title: string }) {
  return <Checkbox id={id} checked={Boolean(value)} onChange={(e) => onChange?.(e.target.checked)}>{title}</Checkbox>;
}

function ChoiceInput({ field, ...control }: Control & { field: Field }) {
  const options = field.options ?? [];
  if (options.length > 8) {
    return <Select {...control} aria-label={field.title} options={options.map((o) => ({ value: o.code, label: o.title }))} />;
  }
  return (
    <Radio.Group {...control} className="choice-list">
      {options.map((o) => (
        <Radio key={o.code} value={o.code}>
          {o.title}
          {o.basis && <span className="quiet small"> · {o.basis}</span>}
        </Radio>
      ))}
    </Radio.Group>
  );
}

function FactInput({ code, about, label, ...control }: Control & { code: string; about: About; label: string }) {
  const { data } = useDeclarations();
  if (code === 'area') return <AreaPicker {...control} label={label} allowClear />;
  const options = code === 'nature'
    ? naturesOf(data, about.family).map((n) => ({ value: n, label: n }))
    : data?.urgencies.map((u) => ({ value: u.code, label: u.title }));
  return <Select {...control} aria-label={label} options={options} allowClear placeholder={t('pick.unchanged')} />;
}
