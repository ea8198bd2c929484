// A button that opens a panel of choices below it. Escape or a press elsewhere closes it.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** The content is created when the panel is first opened. */
export function Menu({ text, children }: { text: string; children: ComponentChildren }) {
  const [wasOpened, setWasOpened] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const end = new AbortController();
    const close = () => {
      if (menu.current) menu.current.open = false;
    };
    addEventListener(
      'pointerdown',
      ({ target }) => {
        if (!menu.current?.contains(target as Node)) close();
      },
      { signal: end.signal },
    );
    addEventListener(
      'keydown',
      ({ key }) => {
        if (key !== 'Escape' || !menu.current?.open) return;
        close();
        menu.current.querySelector('summary')?.focus();
      },
      { signal: end.signal },
    );
    return () => end.abort();
  }, []);
  return (
    <details
      class="menu"
      ref={menu}
      onToggle={() => {
        if (menu.current?.open) setWasOpened(true);
      }}
    >
      <summary>{text}</summary>
      <div class="menu-panel">{wasOpened && children}</div>
    </details>
  );
}
