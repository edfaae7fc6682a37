import { Button } from 'antd';
import { useState } from 'react';
import { t } from '../text';
import { sound, wake, wanted } from './alarm';

/** Turns the alert for new ten-minute clocks on: sound, and a notification where allowed. */
export function AlertSwitch() {
  const [on, setOn] = useState(wanted.get);
  const flip = async () => {
    const next = !on;
    setOn(next);
    wanted.set(next);
    if (!next) return;
    await wake();
    sound();
    if ('Notification' in window && Notification.permission === 'default') await Notification.requestPermission();
  };
  return <Button aria-pressed={on} onClick={() => void flip()}>{on ? t('alert.on') : t('alert.off')}</Button>;
}
