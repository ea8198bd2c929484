// Vectors stored as bytes in a database or a text. A .npy file states its type; for other bytes, the element type must be certain or
// declared.

import { FormatError } from '../../errors.js';
import { joinMessages, type Message, mention, say } from '../../message.js';
import { bytesOfElement, type ElementType, widenElements } from '../../rows/element-type.js';
import { areFloat32 } from '../columns/bytes-element.js';
import { BYTES_ELEMENTS, type BytesElement } from '../columns/declared-elements.js';
import { NPY_PREFIX_BYTES, npyVector } from '../rows/npy.js';

/** How the bytes of a column become vectors. */
export interface BytesVectors {
  readonly type: ElementType | 'npy';
  /** Length of the first vector. */
  readonly length: number;
  /** True if float32 cannot hold every value. */
  readonly wide: boolean;
}

/** Returns what some cells of bytes are, or else advice for the user that ends a message. */
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
  if (uneven) return { remedy: `${uneven.length} bytes do not divide into elements of ${type}; declare another element type` };
  return { type, length: first.length / size, wide: type === 'float64' };
}

/** Advises which element types fit the length of the cells. */
function remedyOf(cells: readonly Uint8Array[]): Message {
  const types = BYTES_ELEMENTS.filter((type) => cells.every(({ length }) => length > 0 && length % bytesOfElement(type) === 0));
  if (types.length === 0) return 'expected vectors, got empty bytes';
  const choices = types.map((type) => mention.option('element', type));
  return say`declare the element type with ${joinMessages(choices, ', ')}`;
}

function isNpy(cell: Uint8Array): boolean {
  return cell.length > NPY_PREFIX_BYTES && cell[0] === 0x93 && String.fromCharCode(...cell.subarray(1, 6)) === 'NUMPY';
}

/** Writes the vector in `bytes` to `target`. Returns an error message if this fails. */
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
  // Copied, because a typed array must begin at a multiple of its element size.
  widenElements(new Uint8Array(bytes), type, true, target.length, target, 0);
  return undefined;
}
