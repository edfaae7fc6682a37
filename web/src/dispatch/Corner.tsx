import { Popover } from 'antd';
import { Link } from 'react-router';
import type { Queue } from '../api/types';
import { LivedBanner } from '../lived/LivedBanner';
import { t } from '../text';
import { hourMinute } from '../time/words';

const percent = (part: number, whole: number) => (whole ? `${((part / whole) * 100).toFixed(1)}%` : '—');

const keys: [string, Parameters<typeof t>[0]][] = [
  ['1 2 3', 'key.accept'], ['/', 'key.search'], ['J K', 'key.move'], ['M N', 'key.link'], ['R', 'key.refuse'],
  ['A', 'key.answer'], ['Z', 'key.back'], ['X', 'key.tick'],
];

/** Today's share sent by machine, how much of it came back, and the keys. */
export function Corner({ queue, shown }: { queue: Queue; shown: number }) {
  const { received, auto, auto_returned } = queue.today;
  return (
    <header className="corner">
      <div className="row">
        <h1>{t('desk.dispatch')} <span className="num">{Math.max(shown, queue.total - (queue.items.length - shown))}</span></h1>
        <span className="grow" />
        <Popover
          trigger="click" placement="bottomRight"
          content={(
            <dl className="key-help">
              {keys.map(([k, what]) => (
                <div key={k}><dt>{k.split(' ').map((x) => <kbd key={x}>{x}</kbd>)}</dt><dd>{t(what)}</dd></div>
              ))}
            </dl>
          )}
        >
          <button type="button" className="bare small quiet only-wide keys">{t('key.title')}</button>
        </Popover>
      </div>
      <p className="quiet small num" title={t('dispatch.share_title', { time: hourMinute(queue.as_of) })}>
        <Link to="/lived">{t('dispatch.share', { received, auto: percent(auto, received), back: percent(auto_returned, auto) })}</Link>
      </p>
      <LivedBanner />
    </header>
  );
}
