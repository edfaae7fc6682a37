import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, read } from '../api/client';
import type { ReplyCheck as Found, ReplyWord } from '../api/types';
import { t } from '../text';
import './replycheck.css';
import { select } from './words';

/** How long after the last stroke a reply is read. */
const pause = 400;

/** Reads a reply beside the message of its case, a moment after it was last changed. */
export function useReplyCheck(id: string | undefined, reply: string | undefined) {
  const [said, settle] = useState(reply);
  useEffect(() => {
    const wait = setTimeout(() => settle(reply), pause);
    return () => clearTimeout(wait);
  }, [reply]);
  const asked = said?.trim() ? said : '';
  const { data } = useQuery({
    queryKey: ['check', id, asked],
    queryFn: ({ signal }) => read(api.POST('/api/cases/{id}/check', { params: { path: { id: id ?? '' } }, body: { reply: asked }, signal })),
    enabled: Boolean(id && asked),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  return asked && reply?.trim() ? data : undefined;
}

interface Props {
  found: Found;
  /** Shows words of the reply. */
  jump: (w: ReplyWord) => void;
}

/** What was found in a reply; each word leads to where it stands. */
export function ReplyFindings({ found, jump }: Props) {
  const go = (w: ReplyWord) => (w.in_message ? select(document.querySelector('[data-words=message]'), w.text) : jump(w));
  if (found.findings.length === 0) return <p className="reply-check fine small" role="status">{t('check.fine')}</p>;
  return (
    <section className={`reply-check ${found.grave ? 'grave' : ''}`} aria-label={t('check.title')}>
      <p className="sr" role="status">{t('check.count', { n: found.findings.length })}</p>
      <ul>
        {found.findings.map((f) => (
          <li key={f.kind} className={f.grave ? 'grave' : ''}>
            <b>{f.title}</b>
            <span className="small">{f.why}</span>
            <span className="reply-words">
              {f.words.map((w) => (
                <button
                  key={`${w.in_message} ${w.from}`} type="button" className="bare" title={t('check.jump')} onClick={() => go(w)}
                >
                  {w.in_message && <span className="quiet">{t('check.asked')}</span>}{short(w.text)}
                </button>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function short(s: string) {
  const chars = [...s];
  return chars.length > 24 ? `${chars.slice(0, 23).join('')}…` : s;
}

/** A reply that stands on the page, with what was found in it. */
export function StandingReply({ id, reply }: { id: string; reply: string }) {
  const found = useReplyCheck(id, reply);
  if (!found) return null;
  return <ReplyFindings found={found} jump={(w) => select(document.querySelector('[data-words=answer]'), w.text)} />;
}
