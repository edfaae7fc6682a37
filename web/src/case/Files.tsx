import { Image } from 'antd';
import type { Attachment } from '../api/types';
import { t } from '../text';

const size = (n: number) => (n > 1 << 20 ? `${(n / (1 << 20)).toFixed(1)} MB` : `${Math.max(1, Math.round(n / 1024))} KB`);

/** Attachments: pictures open in a viewer, others are downloaded. */
export function Files({ list }: { list: Attachment[] }) {
  const open = list.filter((f) => !f.closed);
  const pictures = open.filter((f) => f.type.startsWith('image/'));
  const others = open.filter((f) => !f.type.startsWith('image/'));
  return (
    <div className="files">
      {pictures.length > 0 && (
        <Image.PreviewGroup>
          {pictures.map((f) => (
            <Image
              key={f.id} width={96} height={96} alt={t('case.picture', { name: f.name })} src={`/api/attachments/${f.id}/thumb`}
              preview={{ src: `/api/attachments/${f.id}` }} style={{ objectFit: 'cover', borderRadius: 6 }}
            />
          ))}
        </Image.PreviewGroup>
      )}
      {others.map((f) => (
        <a key={f.id} href={`/api/attachments/${f.id}`} target="_blank" rel="noreferrer">
          {f.name || t('case.attachment')}{f.size ? ` (${size(f.size)})` : ''}
        </a>
      ))}
      {list.length > open.length && <p className="quiet small">{t('case.file_closed')} × {list.length - open.length}</p>}
    </div>
  );
}
