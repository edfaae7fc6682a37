import { useEffect, useEffectEvent } from 'react';

/** Calls back with a plain key, unless one is typing or a dialog is open. */
export function useKeys(press: (key: string) => boolean) {
  const call = useEffectEvent(press);
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.defaultPrevented) return;
      const at = e.target as HTMLElement;
      if (at.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=combobox], .ant-modal, .ant-drawer, .ant-popover')) return;
      if ([...document.querySelectorAll('.ant-modal-wrap')].some((m) => m.checkVisibility())) return;
      if (call(e.key.length === 1 ? e.key.toUpperCase() : e.key)) e.preventDefault();
    };
    addEventListener('keydown', down);
    return () => removeEventListener('keydown', down);
  }, []);
}
