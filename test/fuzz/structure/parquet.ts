// Parquet files taken apart into their page headers, pages and footer, changed in one of these, and put together again, so that all offsets
// and sizes still agree unless they are what was changed.
//
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

import { below, pick, type Random } from '../mutate.js';
import { EDGES, otherNumber } from './fields.js';
import { memberOf, readThrift, signedOf, type ThriftValue, valuesOfThrift, writeThrift, zigzagOf } from './thrift.js';

export interface Page {
  header: ThriftValue;
  body: Uint8Array;
}

export interface Chunk {
  readonly meta: ThriftValue;
  readonly pages: Page[];
}

export interface Parts {
  readonly footer: ThriftValue;
  readonly chunks: Chunk[];
}

const MAGIC = Buffer.from('PAR1');
const numberOf = (value: ThriftValue | undefined): number => Number(signedOf(value?.number ?? 0n));

/** The parts of a valid file. */
export function partsOf(file: Uint8Array): Parts {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const [footer] = readThrift(file, file.length - 8 - view.getUint32(file.length - 8, true));
  const chunks: Chunk[] = [];
  for (const group of memberOf(footer, 4)?.items ?? []) {
    for (const column of memberOf(group, 1)?.items ?? []) {
      const meta = memberOf(column, 3);
      if (!meta) continue;
      const dictionary = memberOf(meta, 11);
      const start = Math.min(numberOf(memberOf(meta, 9)), dictionary ? numberOf(dictionary) || Infinity : Infinity);
      const end = start + numberOf(memberOf(meta, 7));
      const pages: Page[] = [];
      for (let at = start; at < end; ) {
        const [header, body] = readThrift(file, at);
        const length = numberOf(memberOf(header, 3));
        pages.push({ header, body: file.slice(body, body + length) });
        at = body + length;
      }
      chunks.push({ meta, pages });
    }
  }
  return { footer, chunks };
}

/** Returns a copy of a valid file with one to three of its parts changed. */
export function changeParquet(file: Uint8Array, random: Random): Uint8Array {
  const parts = partsOf(file);
  const times = random() < 0.6 ? 1 : 1 + below(3, random);
  const later: (() => void)[] = [];
  for (let i = 0; i < times; i++) {
    const chunk = pick(parts.chunks, random);
    const page = chunk && pick(chunk.pages, random);
    const draw = random();
    if (draw < 0.25 || !page) later.push(() => changeTree(parts.footer, file.length, random));
    else if (draw < 0.5) later.push(() => changeTree(page.header, file.length, random));
    else if (draw < 0.75) page.body = changeBody(page, random);
    else if (draw < 0.9) changeEverywhere(parts, file.length, random);
    else if (draw < 0.95) chunk.pages.splice(below(chunk.pages.length + 1, random), 0, page);
    else chunk.pages.splice(chunk.pages.indexOf(page), 1);
  }
  return joinParts(parts, later);
}

/** Joins the parts; `later` changes what has been corrected. */
export function joinParts({ footer, chunks }: Parts, later: readonly (() => void)[] = []): Uint8Array {
  for (const { pages } of chunks) {
    for (const { header, body } of pages) setNumber(memberOf(header, 3), body.length);
  }
  const headersOf = () => chunks.map(({ pages }) => pages.map(({ header }) => writeThrift(header)));
  const place = (headers: readonly (readonly Uint8Array[])[]): void => {
    let offset = MAGIC.length;
    for (const [i, { meta, pages }] of chunks.entries()) {
      const start = offset;
      for (const [j, { header, body }] of pages.entries()) {
        const isDictionary = numberOf(memberOf(header, 1)) === 2;
        if (isDictionary && j === 0) setNumber(memberOf(meta, 11), offset);
        else if (j === 0 || numberOf(memberOf(pages[j - 1]?.header, 1)) === 2) setNumber(memberOf(meta, 9), offset);
        offset += (headers[i]?.[j]?.length ?? 0) + body.length;
      }
      setNumber(memberOf(meta, 7), offset - start);
    }
  };
  place(headersOf());
  for (const change of later) change();
  const headers = headersOf();
  const bodies = chunks.flatMap(({ pages }, i) => pages.flatMap(({ body }, j) => [headers[i]?.[j] as Uint8Array, body]));
  const end = writeThrift(footer);
  return new Uint8Array(Buffer.concat([MAGIC, ...bodies, end, Uint8Array.from(lengthBytes(end.length)), MAGIC]));
}

const lengthBytes = (length: number) => [0, 8, 16, 24].map((shift) => (length >> shift) & 255);

function setNumber(value: ThriftValue | undefined, number: number): void {
  if (value) value.number = zigzagOf(BigInt(number));
}

/** Changes the number, length, type or order of one value in a tree. */
function changeTree(tree: ThriftValue, size: number, random: Random): void {
  const value = pick(valuesOfThrift(tree), random);
  const { items, fields, bytes } = value;
  if (value.number !== undefined) {
    if (value.type === 1) value.number = BigInt(1 + below(2, random));
    else if (random() < 0.9) value.number = zigzagOf(BigInt.asIntN(64, otherNumber(signedOf(value.number), size, random)));
    else value.number = BigInt.asUintN(64, pick(EDGES, random));
  } else if (bytes) {
    if (random() < 0.5) value.stated = pick(EDGES, random);
    else value.bytes = bytes.subarray(0, below(bytes.length + 1, random));
  } else if (items) {
    const draw = random();
    if (draw < 0.3) value.stated = pick(EDGES, random);
    else if (draw < 0.5) value.itemType = below(16, random);
    else if (items.length > 0 && draw < 0.75)
      items.push(...Array<ThriftValue>(1 + below(20, random)).fill(pick(items, random)));
    else items.splice(below(items.length + 1, random), 1);
  } else if (fields && fields.length > 0) {
    const field = pick(fields, random);
    const draw = random();
    if (draw < 0.3) fields.splice(fields.indexOf(field), 1);
    else if (draw < 0.5) field.id = below(20, random);
    else if (draw < 0.7) fields.push(field);
    else if (draw < 0.85) field.value = pick(valuesOfThrift(tree).filter(isLeaf), random);
    else field.value = { ...field.value, type: below(16, random) };
  }
}

const isLeaf = ({ fields, items }: ThriftValue): boolean => !fields && !items;

/** Changes the same number everywhere: a row count in pages, chunks, groups and the file. */
function changeEverywhere({ footer, chunks }: Parts, size: number, random: Random): void {
  const trees = [footer, ...chunks.flatMap(({ pages }) => pages.map(({ header }) => header))];
  const values = trees.flatMap((tree) => valuesOfThrift(tree)).filter(({ type, number }) => type !== 1 && number !== undefined);
  const { number } = pick(values, random);
  const changed = zigzagOf(BigInt.asIntN(64, otherNumber(signedOf(number ?? 0n), size, random)));
  for (const value of values) if (value.number === number) value.number = changed;
}

/** Levels, runs, widths, deltas and lengths: varints and words at the positions where pages have them, mostly near the beginning. */
function changeBody({ header, body }: Page, random: Random): Uint8Array {
  const at = random() < 0.7 ? below(Math.min(body.length, 12) + 1, random) : below(body.length + 1, random);
  const draw = random();
  const number = pick(EDGES, random);
  let changed: Uint8Array;
  if (draw < 0.35) changed = splice(body, at, below(6, random), varintOf(number));
  else if (draw < 0.6) changed = splice(body, at, 4, wordOf(number).subarray(0, 4));
  else if (draw < 0.7) changed = splice(body, at, 8, wordOf(number));
  else if (draw < 0.85) changed = splice(body, at, 1, Uint8Array.of(below(256, random)));
  else if (draw < 0.92) changed = body.subarray(0, at);
  else changed = Buffer.concat([body, ...Array<Uint8Array>(below(8, random)).fill(body.subarray(at))]);
  // The two sizes of an uncompressed page stay equal.
  const [packed, unpacked] = [memberOf(header, 3), memberOf(header, 2)];
  if (packed?.number === unpacked?.number) setNumber(unpacked, changed.length);
  return new Uint8Array(changed);
}

function splice(bytes: Uint8Array, at: number, remove: number, put: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + remove))]);
}

function varintOf(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(left)]);
}

function wordOf(value: bigint): Uint8Array {
  const word = new Uint8Array(8);
  new DataView(word.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return word;
}
