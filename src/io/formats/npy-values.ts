// Ids of rows in NumPy's types: integers, floats, or texts with a fixed number of characters.

import { UnsupportedError } from '../../errors.js';
import { MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import type { RowValues } from '../records/row-values.js';
import { bytesOfNpyField, type NpyFieldType } from '../rows/npy.js';
import type { NamedArray } from '../rows/npz-file.js';

/** Limit for the length of texts, because NumPy stores every text at the length of the longest. */
const MAX_CHARACTERS = 1024;
const AT_ONCE = 8192;

/** Returns the array type of `values`. Throws UnsupportedError for texts that NumPy would not return unchanged. */
export function npyTypeOf({ name, type, texts }: Pick<RowValues, 'name' | 'type' | 'texts'>): NpyFieldType {
  if (type !== 'text') return type;
  let longest = 1;
  for (const text of texts) {
    if (text.endsWith('\0')) refuse(name, 'one ends with U+0000, which NumPy drops');
    longest = Math.max(longest, charactersOf(text));
  }
  if (longest > MAX_CHARACTERS) refuse(name, `one has ${longest} characters, and NumPy would give all as many`);
  return `U${longest}`;
}

function refuse(name: string, why: string): never {
  throw new UnsupportedError(`${name}: these texts do not fit a NumPy array: ${why}.`, {
    advice: 'Write .csv, .jsonl or .parquet',
  });
}

/** Counts the characters without making a list of them. */
function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Writes one value of `type` at byte `at`, where the bytes are zero. */
export function setNpyValue(bytes: DataView, at: number, text: string, type: NpyFieldType): void {
  if (type === 'i8') bytes.setBigInt64(at, BigInt(text), MACHINE_IS_LITTLE_ENDIAN);
  else if (type === 'u8') bytes.setBigUint64(at, BigInt(text), MACHINE_IS_LITTLE_ENDIAN);
  else if (type === 'f8') bytes.setFloat64(at, Number(text), MACHINE_IS_LITTLE_ENDIAN);
  else {
    let place = at;
    for (const character of text) {
      bytes.setUint32(place, character.codePointAt(0) as number, MACHINE_IS_LITTLE_ENDIAN);
      place += 4;
    }
  }
}

/** Returns values as an array of a .npz. */
export function namedValues(name: string, values: RowValues): NamedArray {
  const { texts } = values;
  const type = npyTypeOf({ ...values, name });
  const bytes = bytesOfNpyField(type);
  return {
    name,
    type,
    shape: [texts.length],
    *content() {
      for (let from = 0; from < texts.length; from += AT_ONCE) {
        const count = Math.min(AT_ONCE, texts.length - from);
        const piece = new DataView(new ArrayBuffer(count * bytes));
        for (let i = 0; i < count; i++) setNpyValue(piece, i * bytes, texts[from + i] as string, type);
        yield new Uint8Array(piece.buffer);
      }
    },
  };
}
