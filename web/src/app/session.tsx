import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use } from 'react';
import { Navigate, useLocation } from 'react-router';
import { api, Problem, read } from '../api/client';
import type { Session } from '../api/types';
import { Failed, Loading } from '../ui/states';

const Context = createContext<Session | null>(null);

/** Who is signed in. Only inside SignedIn. */
export function useSession(): Session {
  const s = use(Context);
  if (!s) throw new Error('useSession outside SignedIn');
  return s;
}

/** Lets in whoever is signed in, and leads the others to the door and back. */
export function SignedIn({ children }: { children: ReactNode }) {
  const place = useLocation();
  const { data, error, refetch } = useQuery({
    queryKey: ['session'],
    queryFn: () => read(api.GET('/api/session')),
    retry: false,
    staleTime: 5 * 60_000,
  });
  if (error instanceof Problem && error.signedOut) {
    return <Navigate to="/sign-in" replace state={{ to: place.pathname + place.search }} />;
  }
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  if (data.must_change && place.pathname !== '/password') return <Navigate to="/password" replace />;
  return <Context value={data}>{children}</Context>;
}

/** Signs out here and at the server, and forgets everything that was read. */
export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    await api.DELETE('/api/session').catch(() => undefined);
    client.clear();
    location.assign('/desk/sign-in');
  };
}
