import { useEffect, useState } from 'react';
import { api, Problem } from '../api/client';

export type Claim = { by: 'none' } | { by: 'me' } | { by: 'other'; name: string };

/**
 * Holds an item while it is open: claimed after a moment, so that leafing with J
 * and K claims nothing; renewed while one reads; released when one goes on.
 */
export function useClaim(id: string | undefined): Claim {
  const [claim, setClaim] = useState<Claim>({ by: 'none' });
  useEffect(() => {
    setClaim({ by: 'none' });
    if (!id) return;
    let mine = false;
    let left = false;
    const ask = async () => {
      try {
        await api.POST('/api/desk/queue/{id}/claim', { params: { path: { id } } });
        mine = true;
        if (left) release();
        else setClaim({ by: 'me' });
      } catch (e) {
        if (!left && e instanceof Problem && e.status === 409) {
          setClaim({ by: 'other', name: String(e.body.claimed_name ?? '') });
        }
      }
    };
    const release = () => void fetch(`/api/desk/queue/${id}/claim`, { method: 'DELETE', keepalive: true });
    const first = setTimeout(() => void ask(), 250);
    const renew = setInterval(() => void ask(), 120_000);
    return () => {
      left = true;
      clearTimeout(first);
      clearInterval(renew);
      if (mine) release();
    };
  }, [id]);
  return claim;
}
