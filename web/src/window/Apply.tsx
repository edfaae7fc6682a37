import { App, Alert, Button, Checkbox, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, Problem, read } from '../api/client';
import type { components } from '../api/schema';
import type { Field, Filed } from '../api/types';
import { DeclaredForm, type Values } from '../field/DeclaredForm';
import { Upload } from '../field/Upload';
import '../intake/intake.css';
import { t } from '../text';
import { exact } from '../time/words';
import { Copy } from '../ui/Copy';
import { sentence } from '../ui/states';
import '../ui/tags.css';

type Service = components['schemas']['WindowService'];
type Person = components['schemas']['WindowPerson'];
type Material = components['schemas']['WindowMaterial'];

interface Done { filed: Filed; service: Service; seen: string[]; later: string[] }

/** Applying for somebody who stands at the window. */
export function Apply({ services, chosen, choose }: { services: Service[]; chosen?: string; choose: (code?: string) => void }) {
  const [done, setDone] = useState<Done>();
  const [round, setRound] = useState(0);
  const service = services.find((s) => s.code === chosen);
  if (done) return <Receipt {...done} again={() => { setDone(undefined); setRound(round + 1); choose(); }} />;
  return (
    <>
      <section className="panel card">
        <h2>{t('window.service')}</h2>
        <Select
          className="window-service" aria-label={t('window.service')} placeholder={t('window.choose')} value={service?.code} onChange={choose} showSearch={{ optionFilterProp: 'label' }}
          options={services.map((s) => ({ value: s.code, label: `${s.title}（${s.unit_name}）` }))}
        />
        {service?.guide && <p className="quiet guide">{service.guide}{service.limit && t('window.limit', { limit: service.limit })}</p>}
      </section>
      {service && <Filling key={service.code + round} service={service} onFiled={setDone} />}
    </>
  );
}

function Filling({ service, onFiled }: { service: Service; onFiled: (d: Done) => void }) {
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const [number, setNumber] = useState('');
  const [agreed, setAgreed] = useState(false);
  const [person, setPerson] = useState<Person>();
  const [seen, setSeen] = useState<string[]>([]);
  const [later, setLater] = useState<string[]>([]);
  const [files, setFiles] = useState<Record<string, string[]>>({});
  const [promised, setPromised] = useState(false);
  const [failed, setFailed] = useState('');
  const [busy, setBusy] = useState('');
  const [once] = useState(() => crypto.randomUUID());
  const look = async () => {
    setBusy('look');
    setPerson(undefined);
    try {
      const p = await read(api.POST('/api/window/look', { body: { service: service.code, number, agreed } }));
      setPerson(p);
      form.setFieldsValue(Object.fromEntries(p.known.map((k) => [k.field, typed(service.fields.find((f) => f.code === k.field), k.value)])));
    } catch (e) {
      void message.error(sentence(e));
    }
    setBusy('');
  };
  const file = async (fields: Values) => {
    setBusy('file');
    setFailed('');
    try {
      const filed = await read(api.POST('/api/window/file', { body: { service: service.code, number: person ? number : '', fields, seen, later, files, promised, once } }));
      const titles = (codes: string[]) => service.materials.filter((m) => codes.includes(m.code)).map((m) => m.title);
      onFiled({ filed, service, seen: titles(seen), later: titles(later) });
    } catch (e) {
      setFailed(sentence(e));
      if (!(e instanceof Problem)) throw e;
    }
    setBusy('');
  };
  const toggle = (set: typeof setSeen, code: string) => (on: boolean) => set((old) => (on ? [...old, code] : old.filter((c) => c !== code)));
  return (
    <>
      <section className="panel card">
        <h2>{t('window.who')}</h2>
        <div className="row wrap window-who">
          <Input aria-label={t('window.number')} placeholder={t('window.number')} value={number} onChange={(e) => { setNumber(e.target.value); setPerson(undefined); }} onPressEnter={() => agreed && void look()} />
          <Checkbox checked={agreed} onChange={(e) => setAgreed(e.target.checked)}>{t('window.agreed')}</Checkbox>
          <Button type="primary" disabled={!agreed || !number.trim()} loading={busy === 'look'} onClick={() => void look()}>{t('window.look')}</Button>
        </div>
        {person ? <p role="status"><b>{person.name}</b> <span className="tag done">{t('window.known', { n: person.known.length })}</span></p> : <p className="quiet small">{t('window.by_hand')}</p>}
      </section>
      <section className="panel card">
        <h2>{t('window.form')}</h2>
        <DeclaredForm fields={service.fields.map((f) => withSource(f, person))} about={{ family: service.code }} form={form} onSend={file}>
          {service.materials.length > 0 && <h2>{t('window.materials')}</h2>}
          <ul className="window-materials">
            {service.materials.map((m) => (
              <MaterialLine
                key={m.code} material={m} stands={person?.stands.find((s) => s.code === m.code)?.title} seen={seen.includes(m.code)} later={later.includes(m.code)}
                onSeen={toggle(setSeen, m.code)} onLater={toggle(setLater, m.code)} onFiles={(ids) => setFiles((old) => ({ ...old, [m.code]: ids }))}
              />
            ))}
          </ul>
          {service.promises.length > 0 && (
            <div className="window-promise">
              <h2>{t('window.promises')}</h2>
              <ol>{service.promises.map((p) => <li key={p}>{p}</li>)}</ol>
              <Checkbox checked={promised} onChange={(e) => setPromised(e.target.checked)}>{t('window.promised')}</Checkbox>
            </div>
          )}
          {failed && <Alert type="error" title={failed} showIcon style={{ marginBottom: 16 }} />}
          <Button type="primary" htmlType="submit" size="large" loading={busy === 'file'}>{t('window.file')}</Button>
        </DeclaredForm>
      </section>
    </>
  );
}

/** A register writes every value as text. */
const typed = (f: Field | undefined, v: string) => (f?.type === 'number' ? Number(v) : f?.type === 'yes' ? v === 'yes' : v);

const withSource = (f: Field, p?: Person): Field => {
  const k = p?.known.find((x) => x.field === f.code);
  return k ? { ...f, hint: t('window.from', { source: k.source }) } : f;
};

interface LineProps { material: Material; stands?: string; seen: boolean; later: boolean; onSeen: (on: boolean) => void; onLater: (on: boolean) => void; onFiles: (ids: string[]) => void }

function MaterialLine({ material: m, stands, seen, later, onSeen, onLater, onFiles }: LineProps) {
  return (
    <li>
      <span><b>{m.title}</b> <span className={`tag ${m.wanted && !stands ? '' : 'done'}`}>{stands ? t('window.stands', { name: stands }) : m.wanted ? t('window.wanted') : t('window.not_wanted')}</span>{m.hint && <><br /><span className="quiet small">{m.hint}</span></>}</span>
      {!stands && (
        <span className="row wrap">
          <Checkbox checked={seen} disabled={later} onChange={(e) => onSeen(e.target.checked)}>{t('window.seen')}</Checkbox>
          {m.defer && <Checkbox checked={later} disabled={seen} onChange={(e) => onLater(e.target.checked)}>{t('window.later')}</Checkbox>}
          <Upload label={m.title} onChange={onFiles} />
        </span>
      )}
    </li>
  );
}

function Receipt({ filed, service, seen, later, again }: Done & { again: () => void }) {
  return (
    <div className="panel card receipt" role="status">
      <h1>{t('window.receipt')}</h1>
      <dl>
        <div><dt>{t('services.item')}</dt><dd>{service.title}</dd></div>
        <div><dt>{t('services.unit')}</dt><dd>{service.unit_name}</dd></div>
        <div><dt>{t('intake.number')}</dt><dd><Copy text={filed.number} /></dd></div>
        {filed.query_code && <div><dt>{t('intake.code')}</dt><dd><Copy text={filed.query_code} /></dd></div>}
        {seen.length > 0 && <div><dt>{t('window.seen')}</dt><dd>{seen.join('、')}</dd></div>}
        {later.length > 0 && <div><dt>{t('window.later')}</dt><dd>{later.join('、')}</dd></div>}
        {service.limit && <div><dt>{t('window.promise_limit')}</dt><dd>{service.limit}</dd></div>}
        <div><dt>{t('window.at')}</dt><dd className="num">{exact(Date.now())}</dd></div>
      </dl>
      <p className="quiet">{t('intake.tell')}</p>
      <div className="row wrap no-print">
        <Button type="primary" size="large" onClick={() => print()}>{t('window.print')}</Button>
        <Button size="large" onClick={again}>{t('window.next')}</Button>
        <Link to={`/cases/${filed.id}`}>{t('intake.open')}</Link>
      </div>
    </div>
  );
}
