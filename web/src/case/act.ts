import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useCallback } from 'react';
import { api, Problem, read } from '../api/client';
import type { Case } from '../api/types';
import type { Values } from '../field/DeclaredForm';
import { t } from '../text';
import { sentence } from '../ui/states';

interface Asked {
  id: string;
  version: number;
  action: string;
}

/** Lists that a decision changes. */
export const listKeys = ['rows', 'counts', 'queue', 'today'];

/** Takes an action on a case. Fails with the Problem after telling it. */
export function useAct() {
  const client = useQueryClient();
  const { message } = App.useApp();
  return useCallback(async ({ id, version, action }: Asked, input: Values): Promise<Case> => {
    try {
      const { case: after } = await read(api.POST('/api/cases/{id}/actions/{action}', { params: { path: { id, action } }, body: { version, input } }));
      client.setQueryData(['case', id], after);
      for (const k of listKeys) void client.invalidateQueries({ queryKey: [k] });
      return after;
    } catch (e) {
      if (e instanceof Problem && e.stale) {
        void client.invalidateQueries({ queryKey: ['case', id] });
        message.warning(t('act.stale'));
      } else message.error(sentence(e));
      throw e;
    }
  }, [client, message]);
}

/** Takes one action on several cases at once, and says what failed. */
export function useActOnSeveral() {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  return useCallback(async (action: string, ids: string[], input: Values, names: Map<string, string>) => {
    try {
      const r = await read(api.POST('/api/actions/{action}', { params: { path: { action } }, body: { ids, input } }));
      for (const k of ['case', ...listKeys]) void client.invalidateQueries({ queryKey: [k] });
      const failed = r.failed;
      if (failed.length === 0) message.success(t('several.done', { n: r.done.length }));
      else {
        modal.warning({
          title: t('several.some', { done: r.done.length, failed: failed.length }),
          content: failed.map((f) => `${names.get(f.id) ?? f.id}：${f.detail}`).join('\n'),
          styles: { body: { whiteSpace: 'pre-wrap' } },
        });
      }
      return r;
    } catch (e) {
      message.error(sentence(e));
      throw e;
    }
  }, [client, message, modal]);
}
