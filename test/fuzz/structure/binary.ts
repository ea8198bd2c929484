// The fields of the other binary formats: words in their headers, the records of zip files, the opcodes of pickles.

import { crc32 } from 'node:zlib';
import { below, pick, type Random } from '../mutate.js';
import { changeFields, EDGES, type Field, fieldsOnce, wordsOf } from './fields.js';
import { changeText } from './text.js';

/** Headers, and lengths between rows, are within this many bytes of the beginning of a file. */
const HEADER_BYTES = 160;

const headerOf = fieldsOnce((file) => wordsOf(0, Math.min(file.length, HEADER_BYTES), 'header'));

export function changeHeader(file: Uint8Array, random: Random): Uint8Array {
  return changeFields(file, headerOf(file), random);
}

/** Text that ends where the numbers begin, at byte `end`; its length is in `lengthBytes` bytes at byte `lengthAt`. */
function changeTextHeader(
  file: Uint8Array,
  [start, end]: readonly [number, number],
  random: Random,
  setLength: (bytes: Uint8Array, length: number) => void,
): Uint8Array {
  const header = changeText(file.subarray(start, end), random);
  const bytes = new Uint8Array(Buffer.concat([file.subarray(0, start), header, file.subarray(end)]));
  if (random() < 0.9) setLength(bytes, header.length);
  return bytes;
}

/** A .npy file: changes its dictionary or the words before it. */
export function changeNpy(file: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.2) return changeFields(file, wordsOf(0, 12, 'header'), random);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const wide = file[6] !== 1;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  return changeTextHeader(file, [start, start + length], random, (bytes, now) => {
    const changed = new DataView(bytes.buffer);
    if (wide) changed.setUint32(8, now, true);
    else changed.setUint16(8, now, true);
  });
}

/** A .safetensors file: changes its JSON or the length before it. */
export function changeSafetensors(file: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.1) return changeFields(file, wordsOf(0, 8, 'header'), random);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return changeTextHeader(file, [8, 8 + length], random, (bytes, now) =>
    new DataView(bytes.buffer).setBigUint64(0, BigInt(now), true),
  );
}

/** word2vec: changes the line of text or the words before numbers. */
export function changeWord2vec(file: Uint8Array, random: Random): Uint8Array {
  const end = file.indexOf(0x0a) + 1;
  return random() < 0.6 ? changeTextHeader(file, [0, end], random, () => {}) : changeText(file, random);
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
/** The words in each record of a zip file, by its signature: the bytes before them, then their widths. */
const ZIP_RECORDS: ReadonlyMap<number, readonly (1 | 2 | 4 | 8)[]> = new Map([
  [LOCAL, [4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2]],
  [CENTRAL, [4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4]],
  [0x06054b50, [4, 2, 2, 2, 2, 4, 4, 2]],
  [0x06064b50, [4, 8, 2, 2, 4, 4, 8, 8, 8, 8]],
  [0x07064b50, [4, 4, 8, 4]],
] as const);

const zipFieldsOf = fieldsOnce((file) => {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const fields: Field[] = [];
  for (let at = 0; at + 22 <= file.length; at++) {
    const signature = view.getUint32(at, true);
    const widths = ZIP_RECORDS.get(signature);
    if (!widths) continue;
    let place = at;
    for (const [i, bytes] of widths.entries()) {
      if (place + bytes <= file.length) fields.push({ at: place, bytes, kind: `${signature} ${i}` });
      place += bytes;
    }
    // Extra fields hold the values that do not fit.
    for (let extra = place; signature !== LOCAL && extra + 8 <= Math.min(file.length, place + 60); extra += 4)
      fields.push({ at: extra, bytes: 8, kind: 'extra' });
  }
  return fields;
});

/** A zip file: changes words of its records, or the content of a stored entry, whose checksum is then corrected. */
export function changeZip(changeEntry: (entry: Uint8Array, random: Random) => Uint8Array) {
  return (file: Uint8Array, random: Random): Uint8Array => {
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    const fields = zipFieldsOf(file);
    const locals = fields.filter(({ kind }) => kind === `${LOCAL} 0`).map(({ at }) => at);
    const stored = locals.filter((at) => view.getUint16(at + 8, true) === 0 && view.getUint32(at + 22, true) < file.length);
    if (stored.length === 0 || random() < 0.5) return changeFields(file, fields, random);
    const at = pick(stored, random);
    const size = view.getUint32(at + 22, true);
    const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
    const changed = changeEntry(file.slice(start, start + size), random);
    const entry = new Uint8Array(size);
    entry.set(changed.subarray(0, size));
    const bytes = file.slice();
    bytes.set(entry, start);
    const target = new DataView(bytes.buffer);
    const before = view.getUint32(at + 14, true);
    const checksum = crc32(entry);
    for (let k = 0; k + 4 <= bytes.length; k++)
      if (k < start || k >= start + size) if (view.getUint32(k, true) === before) target.setUint32(k, checksum, true);
    return bytes;
  };
}

/** Pickle opcodes that can replace each other in a valid program. */
const OPCODES = Buffer.from(
  '()}]K.MJGXVUhrqjcR0tabesudQBCNI\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x93\x94\x95',
).values();
const OPCODE_LIST = [...OPCODES];

export function changePickle(entry: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.3) return changeFields(entry, wordsOf(0, entry.length, 'word'), random);
  const at = below(entry.length, random);
  const draw = random();
  if (draw < 0.5) {
    const bytes = entry.slice();
    bytes[at] = random() < 0.7 ? pick(OPCODE_LIST, random) : Number(BigInt.asUintN(8, pick(EDGES, random)));
    return bytes;
  }
  // The number of bytes stays the same, so the last ones are dropped.
  const piece = Uint8Array.from({ length: 1 + below(40, random) }, () => pick(OPCODE_LIST, random));
  const put = draw < 0.75 ? piece : entry.subarray(below(entry.length, random)).subarray(0, 1 + below(40, random));
  return new Uint8Array(Buffer.concat([entry.subarray(0, at), put, entry.subarray(at)]));
}
