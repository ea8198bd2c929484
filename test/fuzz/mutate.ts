// Makes valid files invalid, the same way for the same seed, as failing disks, broken transfers and attackers do.

/** Uniform in [0, 1). */
export type Random = () => number;

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

/** Most mutations are applied alone, some together. */
const MAX_AT_ONCE = 4;

/** Returns one of `files`, changed in one to four places. The originals stay unchanged. */
export function mutate(files: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = pick(files, random).slice();
  const count = random() < 0.6 ? 1 : 1 + below(MAX_AT_ONCE, random);
  for (let i = 0; i < count; i++) bytes = pick(MUTATIONS, random)(bytes, random, files);
  return bytes;
}

const flipBit: Mutation = (bytes, random) => {
  const at = place(bytes.length, random);
  if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << below(8, random));
  return bytes;
};

const BYTES = [0, 1, 0x0a, 0x20, 0x22, 0x2c, 0x7f, 0x80, 0xfe, 0xff];

const setByte: Mutation = (bytes, random) => {
  const at = place(bytes.length, random);
  if (at < bytes.length) bytes[at] = random() < 0.8 ? pick(BYTES, random) : below(256, random);
  return bytes;
};

/** Little-endian words of 2, 4 and 8 bytes: sizes, counts and offsets in most formats. */
const setWord: Mutation = (bytes, random) => {
  const width = pick([2, 4, 4, 8], random);
  if (bytes.length < width) return bytes;
  let at = Math.min(place(bytes.length, random), bytes.length - width);
  if (random() < 0.5) at -= at % width;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let value = 0n;
  for (let i = 0; i < width; i++) value |= BigInt(bytes[at + i] as number) << BigInt(8 * i);
  const size = BigInt(bytes.length);
  value = pick(
    [...WORDS, size, size - 1n, size + 1n, size / 2n, value + 1n, value - 1n, value * 2n, -value, value + (1n << 32n)],
    random,
  );
  if (width === 2) view.setUint16(at, Number(BigInt.asUintN(16, value)), true);
  else if (width === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
  else view.setBigUint64(at, BigInt.asUintN(64, value), true);
  return bytes;
};

const WORDS = [
  ...[0n, 1n, 2n, -1n, -2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 1n << 24n, (1n << 24n) + 1n],
  ...[0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n, 1n << 53n, (1n << 53n) - 1n, 1n << 62n, (1n << 63n) - 1n, 1n << 63n],
];

const truncate: Mutation = (bytes, random) => bytes.subarray(0, place(bytes.length, random));

const extend: Mutation = (bytes, random) => {
  const longer = new Uint8Array(bytes.length + 1 + below(random() < 0.5 ? 16 : 4096, random));
  longer.set(bytes);
  if (random() < 0.5) for (let i = bytes.length; i < longer.length; i++) longer[i] = below(256, random);
  return longer;
};

const duplicate: Mutation = (bytes, random) => {
  const [from, to] = piece(bytes.length, random);
  const times = random() < 0.9 ? 1 : 1 + below(20, random);
  const copies = Array<Uint8Array>(times).fill(bytes.subarray(from, to));
  return join(bytes.subarray(0, to), ...copies, bytes.subarray(to));
};

const remove: Mutation = (bytes, random) => {
  const [from, to] = piece(bytes.length, random);
  return join(bytes.subarray(0, from), bytes.subarray(to));
};

const swap: Mutation = (bytes, random) => {
  const [from, to] = piece(bytes.length, random);
  const middle = from + below(to - from + 1, random);
  return join(bytes.subarray(0, from), bytes.subarray(middle, to), bytes.subarray(from, middle), bytes.subarray(to));
};

const splice: Mutation = (bytes, random, others) => {
  const other = pick(others, random);
  if (random() < 0.5) return join(bytes.subarray(0, place(bytes.length, random)), other.subarray(place(other.length, random)));
  const [from, to] = piece(other.length, random);
  const at = place(bytes.length, random);
  return join(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(Math.min(bytes.length, at + to - from)));
};

const NUMBERS = [
  '0',
  '-1',
  '1',
  '2',
  '1e9',
  '0.5',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '99999999999999999999',
  '"x"',
];

/** Numbers in text: changes one digit, or the whole number. */
const changeNumber: Mutation = (bytes, random) => {
  const start = place(bytes.length, random);
  const from = bytes.findIndex((byte, i) => i >= start && isDigit(byte));
  if (from < 0) return flipBit(bytes, random, []);
  if (random() < 0.5) {
    bytes[from] = 0x30 + below(10, random);
    return bytes;
  }
  let to = from;
  while (to < bytes.length && isDigit(bytes[to] as number)) to += 1;
  return join(bytes.subarray(0, from), new TextEncoder().encode(pick(NUMBERS, random)), bytes.subarray(to));
};

/** Simple values are more likely to pass the first checks. */
const MUTATIONS: readonly Mutation[] = [
  ...[flipBit, flipBit, setByte, setByte, setWord, setWord, setWord, changeNumber, changeNumber],
  ...[truncate, extend, duplicate, remove, swap, splice],
];

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A position in a file, up to its length; more often near the ends, where headers and directories are. */
function place(length: number, random: Random): number {
  const near = Math.min(length, 160);
  const kind = random();
  if (kind < 0.35) return below(near + 1, random);
  if (kind < 0.6) return length - below(near + 1, random);
  return below(length + 1, random);
}

/** A piece of a file, usually short. */
function piece(length: number, random: Random): [from: number, to: number] {
  const from = place(length, random);
  const most = random() < 0.8 ? 32 : length;
  return [from, Math.min(length, from + below(most + 1, random))];
}

export function pick<T>(values: readonly T[], random: Random): T {
  return values[below(values.length, random)] as T;
}

export function below(bound: number, random: Random): number {
  return Math.floor(random() * bound);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const FIELD_BYTES = [0x00, 0x01, 0x0f, 0x7f, 0x80, 0xff];
const FIELD_WORDS = [0, -1, 0x7fffffff, -0x80000000, 0x01000000];

/** Returns how many files `mutateField` makes from `bytes`. */
export function fieldMutations(bytes: Uint8Array): number {
  return bytes.length * (FIELD_BYTES.length + FIELD_WORDS.length);
}

/**
 * Returns file number `mutation` of those in which one byte, or four consecutive bytes, hold another value. They cover every flag, count,
 * length, offset and type of a format.
 */
export function mutateField(bytes: Uint8Array, mutation: number): Uint8Array {
  const changed = bytes.slice();
  const at = mutation % bytes.length;
  const kind = Math.floor(mutation / bytes.length);
  if (kind < FIELD_BYTES.length) changed[at] = FIELD_BYTES[kind] as number;
  else if (at + 4 <= changed.length) {
    new DataView(changed.buffer).setInt32(at, FIELD_WORDS[kind - FIELD_BYTES.length] as number, true);
  }
  return changed;
}
