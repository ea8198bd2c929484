// The fields of an Arrow file: of every table of its FlatBuffers, of the words around them, and of the buffers of its columns.
//
// https://arrow.apache.org/docs/format/Columnar.html

import type { Field } from './fields.js';

type Member =
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'text'
  | readonly [table: string]
  | Structs
  | readonly [kind: 'many', table: string];
interface Structs {
  readonly bytes: number;
  /** Their members. */
  readonly words: readonly (readonly [at: number, bytes: 4 | 8])[];
}

const PAIRS: Structs = {
  bytes: 16,
  words: [
    [0, 8],
    [8, 8],
  ],
};
const BLOCKS: Structs = {
  bytes: 24,
  words: [
    [0, 8],
    [8, 4],
    [16, 8],
  ],
};
const COUNTS: Structs = { bytes: 8, words: [[0, 8]] };
const TYPE_IDS: Structs = { bytes: 4, words: [[0, 4]] };

/** The members of each table by number. The members of types differ in width; most have two or four bytes. */
const TABLES: Readonly<Record<string, readonly Member[]>> = {
  Message: ['i16', 'i8', ['Header'], 'i64', ['many', 'KeyValue']],
  Schema: ['i16', ['many', 'Field'], ['many', 'KeyValue'], COUNTS],
  Field: ['text', 'i8', 'i8', ['Type'], ['Encoding'], ['many', 'Field'], ['many', 'KeyValue']],
  Type: ['i32', 'i32', 'i32'],
  Union: ['i16', TYPE_IDS],
  Encoding: ['i64', ['Type'], 'i8', 'i16'],
  KeyValue: ['text', 'text'],
  RecordBatch: ['i64', PAIRS, PAIRS, ['Compression'], COUNTS],
  Compression: ['i8', 'i8'],
  DictionaryBatch: ['i64', ['RecordBatch'], 'i8'],
  Footer: ['i16', ['Schema'], BLOCKS, BLOCKS, ['many', 'KeyValue']],
};
const HEADERS = ['', 'Schema', 'DictionaryBatch', 'RecordBatch'];
const UNION = 14;
const BODY_WORDS = 64;

/** Returns the fields of a valid file or stream. */
export function fieldsOfArrow(file: Uint8Array): Field[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const fields: Field[] = [];
  const add = (at: number, bytes: Field['bytes'], kind: string) => {
    if (at >= 0 && at + bytes <= file.length) fields.push({ at, bytes, kind });
  };

  function placeOf(table: number, member: number): number {
    const list = table - view.getInt32(table, true);
    if (4 + 2 * member >= view.getUint16(list, true)) return 0;
    const offset = view.getUint16(list + 4 + 2 * member, true);
    return offset && table + offset;
  }

  function visitTable(table: number, name: string): void {
    add(table, 4, 'offset');
    const list = table - view.getInt32(table, true);
    for (let at = list; at < list + view.getUint16(list, true); at += 2) add(at, 2, 'table');
    for (const [number, member] of (TABLES[name] ?? []).entries()) {
      const at = placeOf(table, number);
      if (at) visitMember(at, member, table, name, number);
    }
  }

  function visitMember(at: number, member: Member, table: number, name: string, number: number): void {
    if (typeof member === 'string' && member !== 'text') {
      add(
        at,
        (Number(member.slice(1)) / 8) as Field['bytes'],
        name === 'Field' || name === 'Message' ? member : `${name} ${member}`,
      );
      return;
    }
    add(at, 4, 'offset');
    const start = at + view.getUint32(at, true);
    if (Array.isArray(member) && member[0] !== 'many') {
      const kind = placeOf(table, number - 1);
      if (member[0] === 'Header') visitTable(start, HEADERS[view.getUint8(kind)] ?? '');
      else if (name === 'Field' && member[0] === 'Type' && view.getUint8(kind) === UNION) visitTable(start, 'Union');
      else visitTable(start, member[0] as string);
      return;
    }
    add(start, 4, 'vector');
    const length = view.getUint32(start, true);
    for (let i = 0; member !== 'text' && i < length; i++) {
      if (Array.isArray(member)) {
        const place = start + 4 + 4 * i;
        add(place, 4, 'offset');
        visitTable(place + view.getUint32(place, true), member[1] as string);
        continue;
      }
      const { bytes, words } = member as Structs;
      for (const [within, width] of words) add(start + 4 + bytes * i + within, width, `${name} struct ${within}`);
    }
  }

  function visitMessage(at: number): number {
    const marked = view.getUint32(at, true) === 0xffffffff;
    const start = at + (marked ? 8 : 4);
    const length = view.getUint32(start - 4, true);
    add(at, 4, 'message');
    add(start - 4, 4, 'message');
    if (length === 0) return file.length;
    add(start, 4, 'offset');
    const message = start + view.getUint32(start, true);
    visitTable(message, 'Message');
    const bodyLength = placeOf(message, 3);
    const body = bodyLength ? Number(view.getBigInt64(bodyLength, true)) : 0;
    const end = start + length + body;
    for (let i = 0; i < body && i < 8 * BODY_WORDS; i += 4) {
      add(start + length + i, 4, 'body');
      if (i % 8 === 0) add(start + length + i, 8, 'body 8');
    }
    return end;
  }

  const isFile = Buffer.from(file.subarray(0, 6)).toString() === 'ARROW1';
  let end = file.length;
  if (isFile) {
    add(file.length - 10, 4, 'message');
    end = file.length - 10 - view.getUint32(file.length - 10, true);
    add(end, 4, 'offset');
    visitTable(end + view.getUint32(end, true), 'Footer');
  }
  for (let at = isFile ? 8 : 0; at + 8 <= end; ) at = visitMessage(at);
  return fields;
}
