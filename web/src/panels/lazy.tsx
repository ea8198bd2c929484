// Parts of the page that are loaded when they are first shown.

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { tell } from '../state/working.js';

/** Returns a component that shows nothing until it has been loaded. */
export function lazy(load: () => Promise<ComponentType>): ComponentType {
  const loaded = signal<ComponentType | null>(null);
  return function Lazy() {
    useEffect(() => {
      if (loaded.peek()) return;
      load().then((component) => {
        loaded.value = component;
      }, tell);
    }, []);
    const Loaded = loaded.value;
    return Loaded && <Loaded />;
  };
}
