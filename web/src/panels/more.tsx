import type { Signal } from '@preact/signals';
import { formatCount } from '../format.js';

/** Number of entries of a long list that are shown at first. */
export const AT_ONCE = 40;

/** A button that shows more of a list with more than `most` entries. */
export function More({ most, there, what }: { most: Signal<number>; there: number; what: string }) {
  if (there <= most.value) return null;
  return (
    <button
      type="button"
      class="link"
      onClick={() => {
        most.value += 5 * AT_ONCE;
      }}
    >
      Show more of {formatCount(there)} {what}
    </button>
  );
}
