import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import type { Choice, ClockEffect, Row } from '../api/types';
import { DeclaredForm, type Values } from '../field/DeclaredForm';
import { type Key, t } from '../text';

interface Props {
  about: Pick<Row, 'id' | 'unit' | 'family'> & Partial<Pick<Row, 'matter'>>;
  choice: Choice;
  initial?: Values;
  onSend: (v: Values) => Promise<unknown>;
  onCancel: () => void;
  /** Leaves the focus where it is. */
  still?: boolean;
}

/** The form of one action, with what it will do to the clocks. */
export function ActionForm({ about, choice, initial, onSend, onCancel, still }: Props) {
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (still) return;
    // Overlays take the focus for themselves when they open; the form asks after them.
    const wait = setTimeout(() => box.current?.querySelector<HTMLElement>('input:not([type=file]), textarea')?.focus(), 60);
    return () => clearTimeout(wait);
  }, [still]);
  const send = async (v: Values) => {
    setBusy(true);
    try {
      await onSend(v);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div
      ref={box} className="action-form" role="group" aria-label={choice.title}
      onKeyDown={(e) => {
        if (e.key === 'Escape') onCancel();
        if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) e.currentTarget.querySelector('form')?.requestSubmit();
      }}
    >
      <Effects choice={choice} />
      <DeclaredForm
        fields={choice.input ?? []} about={about} draft={`${about.id}/${choice.code}`} initial={initial} onSend={send}
      >
        <div className="row">
          <Button type="primary" htmlType="submit" loading={busy}>{choice.title}</Button>
          <Button onClick={onCancel}>{t('form.cancel')}</Button>
          <span className="quiet small only-wide"><kbd>Ctrl</kbd> <kbd>Enter</kbd></span>
        </div>
      </DeclaredForm>
    </div>
  );
}

/** What an action will do: its hint, and each clock that it starts or stops. */
export function Effects({ choice }: { choice: Choice }) {
  const clocks = choice.clock ?? [];
  if (!choice.hint && clocks.length === 0) return null;
  return (
    <div className="effects">
      {choice.hint && <p>{choice.hint}</p>}
      {clocks.length > 0 && <p>{clocks.map(effect).join(t('list.comma'))}</p>}
    </div>
  );
}

function effect(c: ClockEffect): string {
  const key = `clock.op.${c.op}`;
  return t((ops.has(c.op) ? key : 'clock.op.change') as Key, { title: c.title });
}

const ops = new Set(['start', 'stop', 'extend', 'pause', 'resume']);
