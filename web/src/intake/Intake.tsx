import { Alert, Button, Form, Radio, Select } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import { naturesOf, useDeclarations } from '../api/queries';
import type { Declarations, Family, Filed } from '../api/types';
import { useSession } from '../app/session';
import { DeclaredForm, type Values } from '../field/DeclaredForm';
import { forget } from '../field/draft';
import { AreaPicker } from '../field/pickers';
import { t } from '../text';
import { Copy } from '../ui/Copy';
import { Failed, Loading, sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import './intake.css';

/** Entry at a counter or on a call: the same fields a citizen is asked for. */
export default function Intake() {
  useTitle(t('desk.intake'));
  const { data, error, refetch } = useDeclarations();
  const [code, setCode] = useState<string>();
  const [filed, setFiled] = useState<Filed>();
  const me = useSession();
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const families = data.families.filter((f) => !f.service && f.filers.some((role) => me.staff.roles.includes(role)));
  const family = families.find((f) => f.code === code) ?? families[0];
  if (!family) return null;
  if (filed) return <Receipt filed={filed} again={() => setFiled(undefined)} />;
  return (
    <div className="page intake">
      <div className="page-head"><h1>{t('desk.intake')}</h1></div>
      {families.length > 1 && (
        <Radio.Group
          value={family.code} onChange={(e) => setCode(e.target.value as string)} optionType="button" buttonStyle="solid"
          aria-label={t('intake.family')} options={families.map((f) => ({ value: f.code, label: f.title }))}
        />
      )}
      <Entry key={family.code} family={family} pack={data} onFiled={setFiled} />
    </div>
  );
}

const kept = 'intake-channel';

/** Channels that staff enter from: a call, a counter, the street. */
function staffChannels(pack: Declarations) {
  const mine = pack.channels.filter((c) => ['counter', 'phone', 'call', 'staff', 'grid', 'letter', 'visit'].includes(c.kind));
  return mine.length ? mine : pack.channels;
}

function Entry({ family, pack, onFiled }: { family: Family; pack: Declarations; onFiled: (f: Filed) => void }) {
  const channels = staffChannels(pack);
  const remembered = localStorage.getItem(kept) ?? '';
  const [channel, setChannel] = useState(channels.some((c) => c.code === remembered) ? remembered : channels[0]?.code);
  const [nature, setNature] = useState<string>();
  const [urgency, setUrgency] = useState<string>();
  const [area, setArea] = useState<string>();
  const [failed, setFailed] = useState('');
  const [busy, setBusy] = useState(false);
  const draft = `intake/${family.code}`;
  const file = async (v: Values) => {
    setBusy(true);
    setFailed('');
    const { title, text, files, ...fields } = v;
    try {
      const filed = await read(api.POST('/api/cases', { body: {
        family: family.code, channel: channel ?? '', title: said(title), text: said(text), files: (files as string[] | undefined) ?? [], nature, urgency: urgency as never, area, fields,
      } }));
      forget(draft);
      onFiled(filed);
    } catch (e) {
      setFailed(sentence(e));
      throw e;
    } finally {
      setBusy(false);
    }
  };
  const item = { style: { marginBottom: 0 } };
  return (
    <div className="panel card">
      {family.guide && <p className="quiet guide">{family.guide}</p>}
      <Form layout="vertical" component="div" style={{ maxWidth: 320 }}>
        <Form.Item label={t('column.channel')}>
          <Select
            value={channel} aria-label={t('column.channel')} options={channels.map((c) => ({ value: c.code, label: c.name }))}
            onChange={(c) => { setChannel(c); localStorage.setItem(kept, c); }} showSearch={{ optionFilterProp: 'label' }}
          />
        </Form.Item>
      </Form>
      <DeclaredForm fields={(family.fields ?? []).filter((f) => !f.matters?.length)} about={{ family: family.code }} draft={draft} onSend={file}>
        <div className="intake-facts">
          {family.dispatch && (
            <>
              <Form.Item label={t('row.nature')} {...item}>
                <Select
                  value={nature} onChange={setNature} allowClear placeholder={t('intake.by_machine')} aria-label={t('row.nature')}
                  options={naturesOf(pack, family.code).map((n) => ({ value: n, label: n }))}
                />
              </Form.Item>
              <Form.Item label={t('row.urgency')} {...item}>
                <Select
                  value={urgency} onChange={setUrgency} allowClear placeholder={t('intake.by_machine')} aria-label={t('row.urgency')}
                  options={pack.urgencies.map((u) => ({ value: u.code, label: u.title }))}
                />
              </Form.Item>
            </>
          )}
          <Form.Item label={t('pick.area')} {...item}>
            <AreaPicker value={area} onChange={setArea} label={t('pick.area')} allowClear placeholder={family.dispatch ? t('intake.by_machine') : undefined} />
          </Form.Item>
        </div>
        {failed && <Alert type="error" title={failed} showIcon style={{ marginBottom: 16 }} />}
        <Button type="primary" htmlType="submit" size="large" loading={busy}>{t('intake.file')}</Button>
      </DeclaredForm>
    </div>
  );
}

const said = (v: unknown) => (typeof v === 'string' ? v : '');

function Receipt({ filed, again }: { filed: Filed; again: () => void }) {
  return (
    <div className="page intake">
      <div className="panel card receipt" role="status">
        <h1>{t('intake.filed')}</h1>
        <dl>
          <div><dt>{t('intake.number')}</dt><dd><Copy text={filed.number} /></dd></div>
          <div><dt>{t('intake.code')}</dt><dd><Copy text={filed.query_code} /></dd></div>
        </dl>
        <p className="quiet">{t('intake.tell')}</p>
        <div className="row wrap no-print">
          <Button type="primary" size="large" onClick={again} autoFocus>{t('intake.again')}</Button>
          <Link to={`/cases/${filed.id}`}>{t('intake.open')}</Link>
          <Button onClick={() => print()}>{t('case.print')}</Button>
        </div>
      </div>
    </div>
  );
}
