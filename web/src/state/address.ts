// Choices in the address after '#', so that a reload or a copied address shows the same.

import { batch, effect, type Signal } from '@preact/signals';
import * as choices from './choices.js';
import { givenBackend } from './given-backend.js';
import { type HistoryState, historyState, isSameState, restoreState, selectionInAddress } from './history-state.js';
import { rowsOf } from './row-ranges.js';
import { restoreSelection } from './selection.js';

interface Entry {
  readonly name: string;
  /** Undefined if it is the default anyway. */
  write(): string | undefined;
  /** An invalid value counts as missing. */
  read(text: string | null): void;
}

function oneOf<T extends string>(name: string, choice: Signal<T>, values: readonly [T, ...T[]]): Entry {
  return {
    name,
    write: () => (choice.value === values[0] ? undefined : choice.value),
    read: (text) => {
      choice.value = values.find((known) => known === text) ?? values[0];
    },
  };
}

function numeric<T extends number | null>(
  name: string,
  choice: Signal<number | T>,
  usual: T,
  valid: (value: number) => boolean,
): Entry {
  return {
    name,
    write: () => (choice.value === usual ? undefined : String(choice.value)),
    read: (text) => {
      choice.value = text?.trim() && valid(Number(text)) ? Number(text) : usual;
    },
  };
}

function text(name: string, choice: Signal<string | null>): Entry {
  return {
    name,
    write: () => choice.value ?? undefined,
    read: (given) => {
      choice.value = given;
    },
  };
}

/** `most`: the number of possible positions; `digits` are enough to distinguish them. */
function part(name: string, choice: Signal<choices.Part | null>, digits: number, most: number): Entry {
  return {
    name,
    write: () => {
      const { x, y, zoom } = choice.value ?? {};
      return x === undefined ? undefined : [x, y, zoom].map((value) => Number(value?.toFixed(digits))).join(',');
    },
    read: (text) => {
      const [x = -1, y = -1, zoom = -1] = (text ?? '').split(',').map(Number);
      const valid = [x, y].every((place) => place >= 0 && place <= most) && zoom > 0;
      choice.value = valid ? { x, y, zoom } : null;
    },
  };
}

const isCount = (value: number) => Number.isInteger(value) && value >= 0;

const ENTRIES: readonly Entry[] = [
  numeric('row', choices.selected, null, isCount),
  {
    name: 'rows',
    write: selectionInAddress,
    read: (text) => {
      const rows = text === null ? null : rowsOf(text);
      // A selection that the address cannot hold stays.
      if (rows || selectionInAddress() !== undefined) restoreSelection(rows ?? []);
    },
  },
  numeric('k', choices.neighbourCount, 10, (value) => [10, 20, 50].includes(value)),
  numeric('threshold', choices.threshold, null, (value) => value >= -1 && value <= 1),
  oneOf('groups', choices.groupMethod, ['chains', 'complete', 'community', 'clusters']),
  numeric('cut', choices.cut, null, (value) => value >= -1 && value <= 1),
  {
    name: 'order',
    write: () => choices.rowOrder.value ?? undefined,
    read: (text) => {
      choices.rowOrder.value =
        (['given', 'groups', 'clusters', 'column', 'component'] as const).find((known) => known === text) ?? null;
    },
  },
  oneOf('cells', choices.cellValue, ['mean', 'max']),
  oneOf('colours', choices.colourRange, ['fitted', 'full']),
  oneOf('map', choices.mapMethod, ['pca', 'umap']),
  text('by', choices.colourBy),
  text('label', choices.labelBy),
  text('sort', choices.orderBy),
  text('pictures', choices.pictureBy),
  { name: 'backend', write: () => givenBackend ?? undefined, read: () => {} },
  oneOf('view', choices.room, ['overview', 'review', 'health', 'models']),
  part('seen', choices.seen, 2, Number.POSITIVE_INFINITY),
  part('near', choices.seenOfMap, 4, 1),
];

/** Browsers refuse more than about a hundred changes of the address in half a minute. */
const WRITE_AFTER_MS = 250;

/**
 * Reads the choices from the address, now and whenever it changes, and writes them to it. `initial` replaces an address without choices.
 * `reloaded` says whether a reload shows the same rows, so that the state of the history entry is about them.
 */
export function followAddress(initial = '', reloaded = false): void {
  read(location.hash.slice(1) || initial);
  if (reloaded) restoreState(history.state);
  let written: HistoryState | null = historyState();
  addEventListener('popstate', () => {
    read(location.hash.slice(1));
    // Names and selections stay when the user goes back, but this entry does not hold them yet.
    written = null;
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let shownRow = choices.selected.peek();
  effect(() => {
    const parts = new URLSearchParams();
    for (const { name, write } of ENTRIES) {
      const text = write();
      if (text !== undefined) parts.set(name, text);
    }
    const hash = parts.toString().replaceAll('%2C', ',');
    const state = historyState();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (location.hash.slice(1) === hash && written && isSameState(state, written)) return;
      // The back button returns to the previous row.
      const row = choices.selected.peek();
      const address = hash === '' ? location.pathname : `#${hash}`;
      try {
        if (row === shownRow) history.replaceState(state, '', address);
        else history.pushState(state, '', address);
      } catch {
        // A page embedded without a file, as in a notebook, has no address of its own.
      }
      shownRow = row;
      written = state;
    }, WRITE_AFTER_MS);
  });
}

function read(text: string): void {
  const given = new URLSearchParams(text);
  batch(() => {
    for (const { name, read } of ENTRIES) read(given.get(name));
  });
}
