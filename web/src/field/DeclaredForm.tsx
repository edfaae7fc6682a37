import { Form, type FormInstance } from 'antd';
import { Fragment, type ReactNode, useEffect } from 'react';
import type { Field, ReplyWord } from '../api/types';
import { t } from '../text';
import { place } from '../case/words';
import { ReplyFindings, useReplyCheck } from '../case/ReplyCheck';
import { type About, FieldInput } from './FieldInput';
import { forget, recall, remember } from './draft';

export type Values = Record<string, unknown>;

interface Props {
  fields: Field[];
  about: About;
  /** Under this name the words typed survive a closed panel or a reload. */
  draft?: string;
  initial?: Values;
  form?: FormInstance<Values>;
  onSend: (v: Values) => Promise<unknown>;
  children: ReactNode;
}

/** A form drawn from declared fields. */
export function DeclaredForm({ fields, about, draft, initial, form: outer, onSend, children }: Props) {
  const [form] = Form.useForm<Values>(outer);
  useEffect(() => {
    if (draft) form.setFieldsValue(recall(draft));
  }, [form, draft]);
  const reply = fields.find((f) => f.check);
  const said = Form.useWatch<string | undefined>(reply?.code ?? '', form);
  const found = useReplyCheck(about.id, reply ? said : undefined);
  const jump = (w: ReplyWord) => {
    const box = document.getElementById(reply?.code ?? '');
    const at = place(said ?? '', w);
    if (!(box instanceof HTMLTextAreaElement) || !at) return;
    box.focus();
    box.setSelectionRange(...at);
    box.scrollIntoView({ block: 'center', behavior: 'smooth' });
  };
  const send = async (v: Values) => {
    await onSend(clean(v));
    if (draft) forget(draft);
  };
  return (
    <Form
      form={form} layout="vertical" initialValues={initial} onFinish={(v) => void send(v).catch(() => undefined)}
      scrollToFirstError requiredMark={(label, { required }) => (
        <>{label}{!required && <span className="quiet small" style={{ marginInlineStart: 8 }}>{t('form.optional')}</span>}</>
      )}
      onValuesChange={(_, all) => draft && remember(draft, fields, all)}
    >
      {fields.map((f) => {
        // The reason is asked for where there is something to give a reason for.
        const asked = f.code === reply?.check;
        if (asked && !found?.grave) return null;
        const shown = asked ? { ...f, required: true } : f;
        return (
          <Fragment key={f.code}>
            <Form.Item name={f.code} label={f.type === 'yes' ? undefined : f.title} extra={f.hint} rules={rules(shown)} required={shown.required}>
              <FieldInput field={f} about={about} />
            </Form.Item>
            {f === reply && found && <ReplyFindings found={found} jump={jump} />}
          </Fragment>
        );
      })}
      {children}
    </Form>
  );
}

const chosen = new Set(['choice', 'unit', 'staff', 'area', 'matter', 'rating']);

function rules(f: Field) {
  if (!f.required) return [];
  const message = t(chosen.has(f.type) ? 'form.choose' : 'form.missing', { title: f.title });
  // A rule about blanks would take every value for text, so numbers must not have it.
  return f.type === 'text' || f.type === 'longtext' ? [{ required: true, whitespace: true, message }] : [{ required: true, message }];
}

/** Leaves out what was not filled in: the server takes a missing field for "no change". */
export function clean(v: Values): Values {
  return Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined && x !== null && x !== ''));
}
