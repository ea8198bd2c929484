// Tabs according to WAI-ARIA: the arrow keys move between them.

import type { Choosable } from './choice.js';

export interface TabName<T extends string> {
  readonly name: T;
  readonly text: string;
  readonly title?: string | undefined;
}

/** `panel` is the id of the element that the tabs change; `tab-NAME` labels it. */
export function Tabs<T extends string>({
  label,
  tabs,
  chosen,
  panel,
}: {
  label: string;
  tabs: readonly TabName<T>[];
  chosen: Choosable<T>;
  panel: string;
}) {
  const move = (from: number, by: number) => {
    const next = tabs[(from + by + tabs.length) % tabs.length] as TabName<T>;
    chosen.value = next.name;
    document.getElementById(`tab-${next.name}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label}>
      {tabs.map(({ name, text, title }, at) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={chosen.value === name}
          aria-controls={panel}
          tabIndex={chosen.value === name ? 0 : -1}
          title={title}
          onClick={() => {
            chosen.value = name;
          }}
          onKeyDown={({ key }) => {
            if (key === 'ArrowLeft' || key === 'ArrowRight') move(at, key === 'ArrowRight' ? 1 : -1);
          }}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
