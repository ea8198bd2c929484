// Thrift's compact protocol as a tree that can be changed and written again.
//
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

export interface ThriftValue {
  /** The type as lists write it; booleans are 1. */
  type: number;
  /** The value of a number as written, and 1 or 2 for a boolean. */
  number?: bigint;
  bytes?: Uint8Array;
  fields?: ThriftField[];
  items?: ThriftValue[];
  /** For lists: the type of their items, and their stated length if it differs from the real one. */
  itemType?: number;
  stated?: bigint;
}

export interface ThriftField {
  id: number;
  value: ThriftValue;
}

const [BYTE, DOUBLE, BINARY, LIST, STRUCT] = [3, 7, 8, 9, 12];

/** Returns the struct at byte `at`, and the byte after it. */
export function readThrift(bytes: Uint8Array, at: number): [struct: ThriftValue, end: number] {
  let offset = at;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[offset++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    offset += length;
    return bytes.slice(offset - length, offset);
  };
  const readStruct = (): ThriftValue => {
    const fields: ThriftField[] = [];
    for (let id = 0; ; ) {
      const head = bytes[offset++] as number;
      const type = head & 15;
      if (type === 0) return { type: STRUCT, fields };
      id = head >> 4 ? id + (head >> 4) : Number(varint() / 2n);
      fields.push({ id, value: type <= 2 ? { type: 1, number: BigInt(type) } : readValue(type) });
    }
  };
  const readValue = (type: number): ThriftValue => {
    if (type === STRUCT) return readStruct();
    if (type === BINARY) return { type, bytes: take(Number(varint())) };
    if (type === DOUBLE) return { type, bytes: take(8) };
    if (type === BYTE || type <= 2) return { type, number: BigInt(take(1)[0] as number) };
    if (type !== LIST) return { type, number: varint() };
    const head = bytes[offset++] as number;
    const length = head >> 4 === 15 ? Number(varint()) : head >> 4;
    const itemType = head & 15;
    return { type, itemType, items: Array.from({ length }, () => readValue(itemType)) };
  };
  const struct = readStruct();
  return [struct, offset];
}

export function writeThrift(struct: ThriftValue): Uint8Array {
  const out: number[] = [];
  const varint = (value: bigint): void => {
    let left = BigInt.asUintN(64, value);
    for (; left >= 128n; left >>= 7n) out.push(Number(left & 0x7fn) | 0x80);
    out.push(Number(left));
  };
  const writeStruct = ({ fields = [] }: ThriftValue): void => {
    let last = 0;
    for (const { id, value } of fields) {
      const type = value.type === 1 ? Number((value.number ?? 1n) & 15n) : value.type;
      const step = id - last;
      if (step > 0 && step < 16) out.push((step << 4) | type);
      else {
        out.push(type);
        varint(BigInt(id) * 2n);
      }
      last = id;
      if (value.type !== 1) writeValue(value);
    }
    out.push(0);
  };
  const writeValue = (value: ThriftValue): void => {
    const { type, bytes, items = [], itemType = 0, stated } = value;
    if (type === STRUCT) writeStruct(value);
    else if (type === LIST) {
      const length = stated ?? BigInt(items.length);
      if (length >= 0n && length < 15n) out.push((Number(length) << 4) | itemType);
      else {
        out.push(0xf0 | itemType);
        varint(length);
      }
      for (const item of items) writeValue(item);
    } else if (bytes) {
      if (type === BINARY) varint(stated ?? BigInt(bytes.length));
      out.push(...bytes);
    } else if (type === BYTE || type <= 2) out.push(Number((value.number ?? 0n) & 0xffn));
    else varint(value.number ?? 0n);
  };
  writeStruct(struct);
  return Uint8Array.from(out);
}

/** Returns all values of a tree. */
export function valuesOfThrift(value: ThriftValue, into: ThriftValue[] = []): readonly ThriftValue[] {
  into.push(value);
  for (const field of value.fields ?? []) valuesOfThrift(field.value, into);
  for (const item of value.items ?? []) valuesOfThrift(item, into);
  return into;
}

export function memberOf(struct: ThriftValue | undefined, ...path: readonly number[]): ThriftValue | undefined {
  let value = struct;
  for (const id of path) value = value?.fields?.find((field) => field.id === id)?.value;
  return value;
}

/** Zigzag coding, which Thrift uses for signed numbers. */
export const signedOf = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);
export const zigzagOf = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
