import { Button } from 'antd';
import { useRef, useState } from 'react';
import { api, read } from '../api/client';
import { t } from '../text';
import { sentence } from '../ui/states';
import './upload.css';

interface Props {
  id?: string;
  label: string;
  value?: string[];
  onChange?: (ids: string[]) => void;
}

interface Item { key: number; name: string; id?: string; error?: string; preview?: string; file: File }

let nextKey = 1;

const upload = (file: File) => read(api.POST('/api/attachments', {
  body: { file: '' },
  bodySerializer: () => {
    const form = new FormData();
    form.append('file', file);
    return form;
  },
}));

/** Sends files at once and keeps their ids. A phone offers its camera. */
export function Upload({ id, label, onChange }: Props) {
  const [items, setItems] = useState<Item[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const change = (f: (old: Item[]) => Item[]) =>
    setItems((old) => {
      const list = f(old);
      queueMicrotask(() => onChange?.(list.flatMap((i) => i.id ?? [])));
      return list;
    });
  const sendOne = async (item: Item) => {
    let patch: Partial<Item>;
    try {
      patch = { id: (await upload(item.file)).id, error: undefined };
    } catch (e) {
      patch = { error: sentence(e) };
    }
    change((old) => old.map((i) => (i.key === item.key ? { ...i, ...patch } : i)));
  };
  const add = (files: FileList | null) => {
    const fresh = [...(files ?? [])].map((file): Item => ({
      key: nextKey++, name: file.name, file,
      preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : undefined,
    }));
    change((old) => [...old, ...fresh]);
    for (const f of fresh) void sendOne(f);
  };
  return (
    <div className="upload">
      <input
        ref={input} id={id} type="file" multiple className="sr" tabIndex={-1} aria-label={label}
        onChange={(e) => { add(e.target.files); e.target.value = ''; }}
      />
      <input
        ref={camera} type="file" accept="image/*" capture="environment" className="sr" tabIndex={-1} aria-label={t('upload.camera')}
        onChange={(e) => { add(e.target.files); e.target.value = ''; }}
      />
      <div className="row wrap">
        <Button className="only-phone" onClick={() => camera.current?.click()}>{t('upload.camera')}</Button>
        <Button onClick={() => input.current?.click()}>{t('upload.choose')}</Button>
      </div>
      {items.length > 0 && (
        <ul>
          {items.map((i) => (
            <li key={i.key} className={i.error ? 'bad' : ''}>
              {i.preview && <img src={i.preview} alt="" />}
              <span className="upload-name">{i.name}</span>
              <span className="quiet small">{i.error ?? (i.id ? t('upload.done') : t('upload.sending'))}</span>
              {i.error && <Button size="small" onClick={() => void sendOne(i)}>{t('state.retry')}</Button>}
              <Button
                size="small" type="text" aria-label={t('upload.remove', { name: i.name })}
                onClick={() => change((old) => old.filter((x) => x.key !== i.key))}
              >×</Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
