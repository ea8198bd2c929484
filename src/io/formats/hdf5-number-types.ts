// Finds unusual types of numbers of an HDF5 file, such as bfloat16, in the bytes that HDF5 reads. h5wasm names only the size of a type, and
// copies its bits.
// https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, section IV.A.2.d

const FLOAT = 1;
const INTEGER = 0;
const FLOAT_BYTES = 20;
const INTEGER_BYTES = 12;
/** Bytes of the header before a message, at most. */
const HEADER_BYTES = 8;
const LONGEST = HEADER_BYTES + FLOAT_BYTES;

/** The number of the message that describes a type. */
const TYPE_MESSAGE = 3;

/** What follows the size of the usual floating-point types: bit offset and precision, exponent, mantissa, bias. */
const IEEE: Readonly<Record<number, readonly number[]>> = {
  2: [0, 16, 10, 5, 0, 10, 15],
  4: [0, 32, 23, 8, 0, 23, 127],
  8: [0, 64, 52, 11, 0, 52, 1023],
};

export class NumberTypes {
  /** Sizes, in bytes, of floating-point types of which some are not IEEE 754's. */
  readonly oddFloats: Set<number> = new Set();
  /** Sizes, in bytes, of integer types of which some do not use all bits. */
  readonly oddIntegers: Set<number> = new Set();
  #last: Buffer = Buffer.alloc(0);
  #end = -1;

  /** Takes bytes of the file at position `at`. */
  note(bytes: Buffer, at: number): void {
    // A type may begin in one read and end in the next.
    const joined = at === this.#end ? Buffer.concat([this.#last, bytes]) : bytes;
    for (let i = 0; i + INTEGER_BYTES <= joined.length; i++) {
      const version = (joined[i] as number) >> 4;
      const kind = (joined[i] as number) & 15;
      if (version < 1 || version > 5 || joined[i + 3] !== 0) continue;
      const size = joined.readUInt32LE(i + 4);
      if (kind === FLOAT && isOddFloat(joined, i, size)) this.oddFloats.add(size);
      if (kind === INTEGER && isOddInteger(joined, i, size) && followsHeader(joined, i)) this.oddIntegers.add(size);
    }
    this.#last = Buffer.from(joined.subarray(Math.max(0, joined.length - LONGEST)));
    this.#end = at + bytes.length;
  }
}

function isOddFloat(bytes: Buffer, at: number, size: number): boolean {
  const usual = IEEE[size];
  if (!usual || at + FLOAT_BYTES > bytes.length) return false;
  const bits = 8 * size;
  const [order, sign] = [bytes[at + 1], bytes[at + 2]] as [number, number];
  const [offset, precision] = [bytes.readUInt16LE(at + 8), bytes.readUInt16LE(at + 10)];
  const [exponentAt, exponent, mantissaAt, mantissa] = bytes.subarray(at + 12, at + 16) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const bias = bytes.readUInt32LE(at + 16);
  const isType =
    sign < bits &&
    order < 2 ** 7 &&
    precision > 0 &&
    offset + precision <= bits &&
    exponent > 0 &&
    mantissa > 0 &&
    exponentAt + exponent <= bits &&
    mantissaAt + mantissa <= bits &&
    (mantissaAt + mantissa <= exponentAt || exponentAt + exponent <= mantissaAt) &&
    bias > 0 &&
    bias < 2 ** exponent;
  const found = [offset, precision, exponentAt, exponent, mantissaAt, mantissa, bias];
  return isType && (sign !== bits - 1 || found.some((value, i) => value !== usual[i]));
}

function isOddInteger(bytes: Buffer, at: number, size: number): boolean {
  if (![1, 2, 4, 8].includes(size) || (bytes[at + 1] as number) > 15 || bytes[at + 2] !== 0) return false;
  const [offset, precision] = [bytes.readUInt16LE(at + 8), bytes.readUInt16LE(at + 10)];
  return precision > 0 && offset + precision <= 8 * size && precision < 8 * size;
}

/** So few bytes may look like a type by chance, but not after the header of a message, in either of its forms. */
function followsHeader(bytes: Buffer, at: number): boolean {
  const old = at >= 8 && bytes.readUInt16LE(at - 8) === TYPE_MESSAGE && bytes.readUIntBE(at - 3, 3) === 0;
  const isNew = (header: number) =>
    at >= header && bytes[at - header] === TYPE_MESSAGE && bytes.readUInt16LE(at - header + 1) === INTEGER_BYTES;
  return old || isNew(4) || isNew(6);
}
