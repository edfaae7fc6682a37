import { useEffect } from 'react';

/** Names the tab. Screen readers say it when the page changes. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
