// Choices as the address has them, after '#': a reload, or a copied address, shows the same.

import { effect, type Signal } from '@preact/signals';
import * as choices from './choices.js';

interface Entry {
  readonly name: string;
  /** Undefined where it is as it would be anyway. */
  write(): string | undefined;
  read(text: string): void;
}

function oneOf<T extends string>(name: string, choice: Signal<T>, values: readonly T[]): Entry {
  return {
    name,
    write: () => (choice.value === values[0] ? undefined : choice.value),
    read: (text) => {
      const value = values.find((known) => known === text);
      if (value !== undefined) choice.value = value;
    },
  };
}

function finite(
  name: string,
  choice: Signal<number | null> | Signal<number>,
  valid: (value: number) => boolean,
  usual?: number,
): Entry {
  return {
    name,
    write: () => (choice.value === null || choice.value === usual ? undefined : String(choice.value)),
    read: (text) => {
      if (text.trim() !== '' && valid(Number(text))) choice.value = Number(text);
    },
  };
}

const isCount = (value: number) => Number.isInteger(value) && value >= 0;

const ENTRIES: readonly Entry[] = [
  finite('row', choices.selected, isCount),
  finite('k', choices.neighbourCount, (value) => [10, 20, 50].includes(value), 10),
  finite('threshold', choices.threshold, (value) => value >= -1 && value <= 1),
  oneOf('order', choices.rowOrder, ['given', 'groups', 'clusters']),
  oneOf('cells', choices.cellValue, ['mean', 'max']),
  oneOf('colours', choices.colourRange, ['fitted', 'full']),
  oneOf('map', choices.mapMethod, ['pca', 'umap']),
  {
    name: 'by',
    write: () => choices.colourBy.value ?? undefined,
    read: (text) => {
      choices.colourBy.value = text;
    },
  },
  {
    name: 'seen',
    write: () => {
      const { x, y, zoom } = choices.seen.value ?? {};
      return x === undefined ? undefined : [x, y, zoom].map((value) => Number(value?.toFixed(2))).join(',');
    },
    read: (text) => {
      const [x, y, zoom] = text.split(',').map(Number);
      if (x !== undefined && y !== undefined && zoom !== undefined && x >= 0 && y >= 0 && zoom > 0)
        choices.seen.value = { x, y, zoom };
    },
  },
];

/** Browsers refuse more than some hundred changes of the address in half a minute. */
const WRITE_AFTER_MS = 250;

/** Takes the choices from the address, and from now on writes them there. */
export function followAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const { name, read } of ENTRIES) {
    const text = given.get(name);
    if (text !== null) read(text);
  }
  let waiting: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const parts = new URLSearchParams();
    for (const { name, write } of ENTRIES) {
      const text = write();
      if (text !== undefined) parts.set(name, text);
    }
    const hash = parts.toString().replaceAll('%2C', ',');
    clearTimeout(waiting);
    waiting = setTimeout(() => history.replaceState(null, '', hash === '' ? location.pathname : `#${hash}`), WRITE_AFTER_MS);
  });
}
