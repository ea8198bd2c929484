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
  const longer = newArray(array.constructor as new (size: number) => T, Math.max(length, 2 * array.length));
  longer.set(array);
  return longer;
}

/** Returns an array of `length` zeros. Throws MemoryError if it does not fit in memory. */
export function newArray<T extends Growing>(type: new (length: number) => T, length: number): T {
  try {
    return new type(length);
  } catch (cause) {
    const bytes = length * (type as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
    throw new MemoryError(bytes, `an array of ${bytes} bytes does not fit in memory`, {
      cause,
    });
  }
}
