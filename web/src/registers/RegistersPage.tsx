import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Select, Table } from 'antd';
import { useState } from 'react';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../text';
import { exact } from '../time/words';
import { Empty, Failed, Loading, sentence } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import './registers.css';

type Register = components['schemas']['RegisterInfo'];
type Item = components['schemas']['RegisterItem'];
type Doubt = components['schemas']['RegisterDoubt'];
type Row = components['schemas']['DoubtRow'];
type Reading = components['schemas']['RegisterReading'];
type Subject = components['schemas']['SubjectPage'];
type Fact = components['schemas']['SubjectFact'];

const wide = { x: 'max-content' } as const;

/** Registers: doubtful identities to decide, a look at a subject, who read what, and the catalogue. */
export default function RegistersPage() {
  useTitle(t('desk.registers'));
  const { data, error, refetch } = useQuery({ queryKey: ['registers'], queryFn: async () => (await read(api.GET('/api/registers'))).items });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="page registers">
      <div className="page-head"><h1>{t('desk.registers')}</h1></div>
      <Doubts />
      <Look registers={data.filter((r) => r.key)} />
      <Readings />
      {data.map((r) => <Catalogue key={r.code} register={r} />)}
    </div>
  );
}

function Doubts() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [busy, setBusy] = useState('');
  const { data, error, refetch } = useQuery({ queryKey: ['registers', 'doubts'], queryFn: () => read(api.GET('/api/registers/doubts')) });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const settle = async (id: string, as: 'ours' | 'theirs' | 'other') => {
    setBusy(id);
    try {
      await read(api.POST('/api/registers/doubts/{id}', { params: { path: { id } }, body: { as } }));
    } catch (e) {
      void message.error(sentence(e));
    }
    setBusy('');
    await client.invalidateQueries({ queryKey: ['registers'] });
  };
  return (
    <section className="panel card">
      <h2>{t('registers.doubts')} <span className="quiet num">{data.total}</span></h2>
      {data.items.length === 0 && <Empty title={t('registers.no_doubts')} />}
      {data.items.map((d: Doubt) => (
        <div key={d.id} className="doubt">
          <div className="doubt-head">
            <b>{d.title} <span className="num">{d.subject}</span></b>
            {d.clash.map((c) => <span key={c} className="tag bad">{t('registers.clash', { item: c })}</span>)}
            <span className="quiet small num">{exact(d.at)}</span>
          </div>
          <Table<Row> size="small" rowKey="title" pagination={false} scroll={wide} dataSource={d.rows} rowClassName={(r) => (r.differ ? 'differs' : '')} columns={[
            { title: t('registers.item'), dataIndex: 'title' },
            { title: t('registers.ours'), dataIndex: 'ours' },
            { title: d.source, dataIndex: 'theirs' },
          ]} />
          <div className="doubt-steps">
            <Button loading={busy === d.id} onClick={() => void settle(d.id, 'ours')}>{t('registers.settle_ours')}</Button>
            {d.clash.length > 0 && <Button disabled={busy === d.id} onClick={() => void settle(d.id, 'theirs')}>{t('registers.settle_theirs', { source: d.source })}</Button>}
            <Button disabled={busy === d.id} onClick={() => void settle(d.id, 'other')}>{t('registers.settle_other')}</Button>
          </div>
        </div>
      ))}
    </section>
  );
}

function Look({ registers }: { registers: Register[] }) {
  const { message } = App.useApp();
  const [register, setRegister] = useState(registers.find((r) => r.code === 'person')?.code ?? registers[0]?.code ?? '');
  const [found, setFound] = useState<Subject>();
  const chosen = registers.find((r) => r.code === register);
  if (!chosen) return null;
  const look = async (value: string) => {
    setFound(undefined);
    if (!value.trim()) return;
    try {
      setFound(await read(api.POST('/api/registers/look', { body: { register, value: value.trim() } })));
    } catch (e) {
      void message.error(sentence(e));
    }
  };
  return (
    <section className="panel card">
      <h2>{t('registers.look')}</h2>
      <p className="quiet small">{t('registers.look_noted')}</p>
      <div className="look">
        <Select aria-label={t('registers.register')} value={register} onChange={setRegister} options={registers.map((r) => ({ value: r.code, label: r.title }))} style={{ width: 120 }} />
        <Input.Search aria-label={chosen.key_title} placeholder={chosen.key_title} enterButton={t('registers.find')} onSearch={(v) => void look(v)} />
      </div>
      {found && (
        <>
          <Table<Fact> size="small" rowKey={(f) => f.title + f.source + f.from + f.recorded} pagination={false} scroll={wide} dataSource={found.facts}
            rowClassName={(f) => (f.ended ? 'ended' : '')} columns={[
              { title: t('registers.item'), dataIndex: 'title' },
              { title: t('registers.value'), dataIndex: 'value' },
              { title: t('registers.source'), dataIndex: 'source' },
              { title: t('registers.days'), className: 'num', render: (_, f) => (f.from || f.to ? `${f.from} – ${f.to}` : t('registers.always')) },
              { title: t('registers.recorded'), className: 'num', render: (_, f) => exact(f.recorded) },
            ]} />
          <ReadingTable rows={found.readings} />
        </>
      )}
    </section>
  );
}

function Readings() {
  const { data, error, refetch } = useQuery({ queryKey: ['registers', 'readings'], queryFn: async () => (await read(api.GET('/api/registers/readings'))).items });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <section className="panel card">
      <h2>{t('registers.readings')}</h2>
      <ReadingTable rows={data} />
    </section>
  );
}

function ReadingTable({ rows }: { rows: Reading[] }) {
  return (
    <Table<Reading> size="small" rowKey={(r) => `${r.at}${r.subject}${r.actor}${r.items.join()}`} scroll={wide} dataSource={rows} pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }} columns={[
      { title: t('registers.at'), className: 'num', render: (_, r) => exact(r.at) },
      { title: t('registers.who'), render: (_, r) => <>{r.actor} <span className="quiet small">{r.unit}</span></> },
      { title: t('registers.of'), render: (_, r) => <>{r.title} <span className="num">{r.subject || t('registers.everybody')}</span></> },
      { title: t('registers.purpose'), dataIndex: 'purpose' },
      { title: t('registers.what'), render: (_, r) => <span className="what">{r.items.join('、')}</span> },
    ]} />
  );
}

function Catalogue({ register }: { register: Register }) {
  return (
    <section className="panel card">
      <h2>{register.title} <span className="quiet num">{t('registers.subjects', { n: register.subjects.toLocaleString('zh-CN') })}</span></h2>
      <p className="quiet small">{register.owner_name} · {register.basis} · {t('registers.sources', { list: register.sources.join('、') })}</p>
      <Table<Item> size="small" rowKey="code" pagination={false} scroll={wide} dataSource={register.items} columns={[
        { title: t('registers.item'), dataIndex: 'title' },
        { title: t('registers.class'), className: 'num', render: (_, i) => t('registers.grade', { n: i.class }) },
        { title: t('registers.share'), render: (_, i) => <>{t(`registers.share_${i.share}`)} <span className="quiet small">{i.if}</span></> },
        { title: t('registers.purposes'), render: (_, i) => <span className="what small">{i.purposes.join('；')}</span> },
      ]} />
    </section>
  );
}
