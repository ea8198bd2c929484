// Checks that bytes are a struct of Thrift's compact protocol before they reach a parser that trusts its counts. Lists must not be longer
// than the remaining bytes, numbers not longer than 64 bits, and nesting not deeper than Parquet's. The total number of values is limited
// too, because the parser can make an object of every byte.
//
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

/** Parquet nests about eight levels. */
const MAX_NESTING = 24;
/** Parquet's field numbers end at about 20. */
const MAX_FIELD = 64;
/** Parquet has at most one struct or string per 12 bytes and one number per 6; smaller totals are always accepted. */
const ITEM_BYTES = 8;
const FREE_ITEMS = 2 ** 17;
const NUMBER_BYTES = 4;
const FREE_NUMBERS = 2 ** 20;

const STOP = 0;
const BOOLEAN_TRUE = 1;
const BOOLEAN_FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** The bytes end before the struct does, so more of them may be needed. */
export class ThriftEnd extends Error {}

/** A field of a struct: its number, its type, and the position of its value. */
export type OnField = (field: number, type: number, start: number, end: number) => void;

/**
 * Returns the position after the struct that begins at byte `at`; calls `onField` for each of its own fields. Throws ThriftEnd if it does
 * not end, or an Error if it is not a struct.
 */
export function endOfThriftStruct(bytes: Uint8Array, at: number, onField?: OnField): number {
  let offset = at;
  let items = FREE_ITEMS + bytes.length / ITEM_BYTES;
  let numbers = FREE_NUMBERS + bytes.length / NUMBER_BYTES;

  function byte(): number {
    if (offset >= bytes.length) throw new ThriftEnd('a Thrift struct does not end');
    return bytes[offset++] as number;
  }

  function count(): number {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const part = byte();
      value += (part & 0x7f) * 2 ** (7 * i);
      if (part < 128) return value;
    }
    throw new Error('a count of more than 32 bits');
  }

  function skipNumber(): void {
    for (let i = 0; i < 10; i++) if (byte() < 128) return;
    throw new Error('a number of more than 64 bits');
  }

  function skip(length: number): void {
    if (length > bytes.length - offset) throw new ThriftEnd('a Thrift struct does not end');
    offset += length;
  }

  function skipValue(type: number, depth: number): void {
    if (depth > MAX_NESTING) throw new Error(`Thrift structs nested more than ${MAX_NESTING} deep`);
    if (type >= BINARY ? --items < 0 : --numbers < 0) throw new Error('more Thrift values than Parquet has in so many bytes');
    if (type === BYTE) skip(1);
    else if (type >= I16 && type <= I64) skipNumber();
    else if (type === DOUBLE) skip(8);
    else if (type === BINARY) skip(count());
    else if (type === STRUCT) skipStruct(depth + 1);
    else if (type === LIST) skipList(depth + 1);
    else throw new Error(`a Thrift value of type ${type}, which Parquet does not use`);
  }

  function skipList(depth: number): void {
    const header = byte();
    const type = header & 15;
    const length = header >> 4 === 15 ? count() : header >> 4;
    // Each item takes at least one byte.
    if (length > bytes.length - offset) throw new ThriftEnd('a Thrift list does not end');
    const boolean = type === BOOLEAN_TRUE || type === BOOLEAN_FALSE;
    for (let i = 0; i < length; i++) skipValue(boolean ? BYTE : type, depth);
  }

  function skipStruct(depth: number): void {
    for (let field = 0; ; ) {
      const header = byte();
      const type = header & 15;
      if (type === STOP) return;
      field = header >> 4 === 0 ? count() / 2 : field + (header >> 4);
      if (!Number.isInteger(field) || field > MAX_FIELD) throw new Error('a Thrift field that Parquet does not have');
      const start = offset;
      if (type !== BOOLEAN_TRUE && type !== BOOLEAN_FALSE) skipValue(type, depth);
      if (depth === 0) onField?.(field, type, start, offset);
    }
  }

  skipStruct(0);
  return offset;
}
