// Typed arrays that grow by doubling.

import { MemoryError } from './errors.js';

type Growing =
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** Returns the same array, or a longer copy with at least `length` elements. Throws MemoryError if that does not fit in memory. */
export function grown<T extends Growing>(array: T, length: number): T {
  if (length <= array.length) return array;
  const size = Math.max(length, 2 * array.length);
  try {
    const longer = new (array.constructor as new (size: number) => T)(size);
    longer.set(array);
    return longer;
  } catch (cause) {
    const bytes = size * array.BYTES_PER_ELEMENT;
    throw new MemoryError(bytes, `an array of ${bytes} bytes does not fit in memory`, {
      cause,
    });
  }
}
