// Finds fixed-width fields in a valid file and changes some of them: one alone, or all that hold the same value, so that statements that a
// file repeats in several places still agree.

import { below, pick, type Random } from '../mutate.js';

export interface Field {
  readonly at: number;
  readonly bytes: 1 | 2 | 4 | 8;
  /** Each kind of field is drawn equally often, however many fields it has. */
  readonly kind: string;
  readonly bigEndian?: boolean;
}

const MOST_AT_ONCE = 3;
/** How often fields of one width with the same value are changed together, for example the rows of a batch and of its columns. */
const TOGETHER = 0.4;

/** Returns a copy of `file` in which some of `fields` have other values. */
export function changeFields(file: Uint8Array, fields: readonly Field[], random: Random): Uint8Array {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  const kinds = kindsOf(fields);
  if (kinds.length === 0) return bytes;
  const times = random() < 0.6 ? 1 : 1 + below(MOST_AT_ONCE, random);
  for (let i = 0; i < times; i++) {
    const field = pick(pick(kinds, random), random);
    const value = readField(view, field);
    const changed = otherValue(view, field, fields, random);
    const likes = (other: Field) => other.bytes === field.bytes && readField(view, other) === value;
    const together = random() < TOGETHER ? fields.filter(likes) : [field];
    for (const each of together) writeField(view, each, changed);
  }
  return bytes;
}

const kindsOfFields = new WeakMap<readonly Field[], readonly (readonly Field[])[]>();

/** Returns the fields by kind; `fields` are those of a seed and come repeatedly. */
function kindsOf(fields: readonly Field[]): readonly (readonly Field[])[] {
  let kinds = kindsOfFields.get(fields);
  if (!kinds) {
    const byKind = new Map<string, Field[]>();
    for (const field of fields) {
      const same = byKind.get(field.kind);
      if (same) same.push(field);
      else byKind.set(field.kind, [field]);
    }
    kinds = [...byKind.values()];
    kindsOfFields.set(fields, kinds);
  }
  return kinds;
}

/** The fields of each seed, found once. */
export function fieldsOnce(find: (seed: Uint8Array) => readonly Field[]): (seed: Uint8Array) => readonly Field[] {
  const found = new WeakMap<Uint8Array, readonly Field[]>();
  return (seed) => {
    const fields = found.get(seed) ?? find(seed);
    found.set(seed, fields);
    return fields;
  };
}

/** Numbers that break counts, offsets and sizes of any kind. */
export const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 9n, 12n, 13n, 63n, 64n, 65n, 127n, 128n, 255n, 256n, -1n, -2n, -4n, -8n, -16n],
  ...[15, 16, 20, 24, 28, 30, 31, 32, 33, 36, 40, 48, 52, 53, 60, 62, 63].flatMap((power) => [
    2n ** BigInt(power),
    2n ** BigInt(power) - 1n,
    -(2n ** BigInt(power)),
  ]),
];

/** Returns a value near or far from `value` for a file of `size` bytes. */
export function otherNumber(value: bigint, size: number, random: Random): bigint {
  const near = [value + 1n, value - 1n, value * 2n, value * 8n, value / 2n, -value, value + 4n, value - 4n];
  const ofFile = [BigInt(size), BigInt(size) - 1n, BigInt(size) * 65_536n];
  return random() < 0.6 ? pick(EDGES, random) : pick([...near, ...ofFile], random);
}

function otherValue(view: DataView, field: Field, fields: readonly Field[], random: Random): bigint {
  const draw = random();
  const other = pick(fields, random);
  // The value of another field, or the offset to it: tables that contain themselves or each other.
  if (draw < 0.15) return readField(view, other);
  if (draw < 0.3) return BigInt(other.at - field.at);
  return otherNumber(readField(view, field), view.byteLength, random);
}

function readField(view: DataView, { at, bytes, bigEndian }: Field): bigint {
  if (bytes === 1) return BigInt(view.getUint8(at));
  if (bytes === 2) return BigInt(view.getInt16(at, !bigEndian));
  return bytes === 4 ? BigInt(view.getInt32(at, !bigEndian)) : view.getBigInt64(at, !bigEndian);
}

function writeField(view: DataView, { at, bytes, bigEndian }: Field, value: bigint): void {
  if (bytes === 1) view.setUint8(at, Number(BigInt.asUintN(8, value)));
  else if (bytes === 2) view.setUint16(at, Number(BigInt.asUintN(16, value)), !bigEndian);
  else if (bytes === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), !bigEndian);
  else view.setBigUint64(at, BigInt.asUintN(64, value), !bigEndian);
}

/** Returns every word of each width from `start` to before `end`, aligned to its width, for formats whose headers consist of such words. */
export function wordsOf(start: number, end: number, kind: string): Field[] {
  const fields: Field[] = [];
  for (const bytes of [1, 4, 8] as const) {
    for (let at = start; at + bytes <= end; at += bytes) fields.push({ at, bytes, kind: `${kind} ${bytes}` });
  }
  return fields;
}
