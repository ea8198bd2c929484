// Vectors in bytes that a database or a text holds: a .npy file says what it is; of others the element type is certain or declared.

import { FormatError } from '../../errors.js';
import { joinMessages, type Message, mention, say } from '../../message.js';
import { bytesOfElement, type ElementType, widenElements } from '../../rows/element-type.js';
import { areFloat32 } from '../columns/bytes-element.js';
import { BYTES_ELEMENTS, type BytesElement } from '../columns/declared-elements.js';
import { NPY_PREFIX_BYTES, npyVector } from '../rows/npy.js';

/** How the bytes of a column become vectors. */
export interface BytesVectors {
  readonly type: ElementType | 'npy';
  /** Elements of the first. */
  readonly length: number;
  /** Whether float32 cannot hold every value. */
  readonly wide: boolean;
}

/** What some cells of bytes are; else what the user can do, as the end of a message. */
export function sampleBytes(
  cells: readonly Uint8Array[],
  element: BytesElement | undefined,
): BytesVectors | { readonly remedy: Message } {
  const [first] = cells;
  if (first && cells.every(isNpy)) {
    const { length, wide } = npyVector(first, 'the .npy in it');
    return { type: 'npy', length, wide };
  }
  const type = element ?? (areFloat32(cells) ? 'float32' : undefined);
  if (!type || !first) return { remedy: remedyOf(cells) };
  const size = bytesOfElement(type);
  const uneven = cells.find(({ length }) => length === 0 || length % size !== 0);
  if (uneven) return { remedy: `${uneven.length} bytes are no whole number of ${type}; declare another element type` };
  return { type, length: first.length / size, wide: type === 'float64' };
}

/** Element types that the length of the cells allows. */
function remedyOf(cells: readonly Uint8Array[]): Message {
  const types = BYTES_ELEMENTS.filter((type) => cells.every(({ length }) => length > 0 && length % bytesOfElement(type) === 0));
  if (types.length === 0) return 'empty bytes are no vectors';
  const choices = types.map((type) => mention.option('element', type));
  return say`declare the element type with ${joinMessages(choices, ', ')}`;
}

function isNpy(cell: Uint8Array): boolean {
  return cell.length > NPY_PREFIX_BYTES && cell[0] === 0x93 && String.fromCharCode(...cell.subarray(1, 6)) === 'NUMPY';
}

/** Puts the vector in `bytes` into `target`. What is wrong with it, if anything. */
export function putBytes(
  bytes: Uint8Array,
  type: ElementType | 'npy',
  target: Float32Array | Float64Array,
): string | undefined {
  if (type === 'npy') {
    if (!isNpy(bytes)) return `expected a .npy file, got ${bytes.length} other bytes`;
    try {
      const { length, values } = npyVector(bytes, 'the .npy in it');
      if (length !== target.length) return `expected ${target.length} numbers, got ${length}`;
      target.set(values());
      return undefined;
    } catch (error) {
      if (error instanceof FormatError) return error.message;
      throw error;
    }
  }
  const expected = target.length * bytesOfElement(type);
  if (bytes.length !== expected) {
    return `expected ${expected} bytes (${target.length} ${type}), got ${bytes.length}`;
  }
  // A copy: views of elements must begin at a multiple of their size.
  widenElements(new Uint8Array(bytes), type, true, target.length, target, 0);
  return undefined;
}
