import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useNavigate } from 'react-router';
import { api, read } from '../api/client';
import type { Case } from '../api/types';
import { useSession } from '../app/session';
import { t } from '../text';
import { sentence } from '../ui/states';

/** What a finished case is good for beyond itself: an entry of the knowledge base, a clause of the duty list. */
export function Onward({ it }: { it: Case }) {
  const { desks } = useSession();
  const go = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const clause = useMutation({
    mutationFn: () => read(api.POST('/api/cases/{id}/clause', { params: { path: { id: it.id } } })),
    onSuccess: async (c) => {
      await client.invalidateQueries({ queryKey: ['duty'] });
      if (c.taken) message.success(t('onward.drafted'));
      else message.warning(c.findings.map((f) => f.what).join('；'));
      go(`/duty/editions?no=${c.edition}`);
    },
    onError: (e) => message.error(sentence(e)),
  });
  const answered = it.timeline.some((e) => e.input.some((i) => i.code === 'answer' && i.value));
  const writes = desks.includes('knowledge') && answered;
  const lists = desks.includes('duty') && it.timeline.some((e) => e.kind === 'rule');
  if (!writes && !lists) return null;
  return (
    <section className="panel card no-print">
      <h2>{t('onward.title')}</h2>
      <div className="row wrap">
        {writes && <Button onClick={() => go(`/knowledge?from=${it.id}`)}>{t('onward.knowledge')}</Button>}
        {lists && <Button loading={clause.isPending} onClick={() => clause.mutate()}>{t('onward.clause')}</Button>}
      </div>
    </section>
  );
}
