import { Button, Segmented } from 'antd';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useLiveState } from '../api/live';
import type { LivePoint } from '../api/types';
import { useSession } from '../app/session';
import { t } from '../text';
import { useNow } from '../time/tick';
import { exact } from '../time/words';
import { Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { AreaTable } from './AreaTable';
import { type Level, useOutlines, useScreen } from './data';
import { LivedBanner } from '../lived/LivedBanner';
import { Figures } from './Figures';
import { legend, type Shade, steps } from './layers';
import { Stream } from './Stream';
import { Units } from './Units';
import './screen.css';

const CityMap = lazy(() => import('./CityMap'));

/** The command screen: the map is the page, and every number opens its cases. */
export default function Screen() {
  useTitle(t('desk.screen'));
  const [shade, setShade] = useKept<Shade>('screen-shade', 'light');
  const [level, setLevel] = useKept<Level>('screen-level', 'grid');
  const [table, setTable] = useState(false);
  const { today, units, areas, points, topics, hottest, lines } = useScreen(level);
  const outlines = useOutlines(level);
  const streets = useOutlines('street');
  const figures = areas.data?.items ?? [];
  const at = useMemo(() => steps((areas.data?.items ?? []).map((f) => f.per_thousand)), [areas.data]);
  const names = useMemo(() => new Map(outlines.data?.features.map((f) => [f.properties.code, f.properties.name])), [outlines.data]);
  if (today.error) return <Failed error={today.error} retry={today.refetch} />;
  return (
    <div className={`screen ${shade}`}>
      <Bar shade={shade} onShade={setShade} level={level} onLevel={setLevel} table={table} onTable={setTable} />
      <main className="screen-map" id="main">
        {table || !outlines.data || !streets.data
          ? table ? <AreaTable figures={figures} names={names} /> : outlines.error ? <Failed error={outlines.error} retry={outlines.refetch} /> : <Loading />
          : (
            <Suspense fallback={<Loading />}>
              <LinkedMap key={shade} shade={shade} outlines={outlines.data} streets={streets.data} figures={figures} at={at} points={points} onFail={() => setTable(true)} />
            </Suspense>
          )}
        {!table && <Legend shade={shade} at={at} />}
      </main>
      <div className="screen-left">{today.data ? <Figures today={today.data} shade={shade} /> : <Loading />}</div>
      <div className="screen-right"><LivedBanner /><Stream lines={lines} topics={topics} hottest={hottest} /></div>
      <div className="screen-below"><Units items={units.data?.items ?? []} asOf={units.data?.as_of ?? 0} /></div>
    </div>
  );
}

function LinkedMap({ outlines, ...p }: Omit<Parameters<typeof CityMap>[0], 'areas' | 'onArea' | 'onPoint' | 'points'> & {
  outlines: Parameters<typeof CityMap>[0]['areas']; points: LivePoint[];
}) {
  const go = useNavigate();
  return <CityMap {...p} areas={outlines} onArea={(c) => go(`/cases?area=${c}`)} onPoint={(id) => go(`/cases/${id}`)} />;
}

function Bar({ shade, onShade, level, onLevel, table, onTable }: {
  shade: Shade; onShade: (s: Shade) => void; level: Level; onLevel: (l: Level) => void; table: boolean; onTable: (t: boolean) => void;
}) {
  const { city } = useSession();
  const live = useLiveState();
  const now = useNow(1000);
  return (
    <header className="screen-bar">
      <h1><Link to="/">{city.title}</Link></h1>
      {city.synthetic && <span className="small screen-note">{t('screen.synthetic')}</span>}
      <span className="grow" />
      {live === 'lost' && <b className="is-late small" role="status">{t('screen.lost')}</b>}
      <time className="num only-wide">{exact(now)}</time>
      <Segmented
        size="small" value={level} aria-label={t('screen.level')} onChange={(v) => onLevel(v as Level)}
        options={(['street', 'community', 'grid'] as const).map((l) => ({ value: l, label: t(`level.${l}`) }))}
      />
      <Button size="small" aria-pressed={table} onClick={() => onTable(!table)}>{table ? t('screen.as_map') : t('screen.as_table')}</Button>
      <Button size="small" className="only-wide" onClick={() => onShade(shade === 'dark' ? 'light' : 'dark')}>{shade === 'dark' ? t('screen.light') : t('screen.dark')}</Button>
      <Button size="small" className="only-wide" onClick={() => void fullScreen()}>{t('screen.full')}</Button>
    </header>
  );
}

const fullScreen = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());

function Legend({ shade, at }: { shade: Shade; at: number[] }) {
  const words = [t('screen.nothing'), ...at.map((v, i) => (i === 0 ? `< ${v}` : `${at[i - 1]}–${v}`)), at.length ? `≥ ${at.at(-1)}` : t('screen.some')];
  return (
    <div className="legend small">
      <div>{t('screen.per_thousand')}</div>
      <ul>
        {legend(shade, at).map((c, i) => <li key={c}><i style={{ background: c }} aria-hidden />{words[i]}</li>)}
        <li><i className="dot" aria-hidden />{t('screen.recent')}</li>
        <li><i className="diamond" aria-hidden />{t('screen.late')}</li>
      </ul>
    </div>
  );
}

function useKept<T extends string>(key: string, first: T): [T, (v: T) => void] {
  const [v, set] = useState<T>(() => (localStorage.getItem(key) as T | null) ?? first);
  return [v, (x) => {
    localStorage.setItem(key, x);
    set(x);
  }];
}
