// XXH64, the checksum of Zstandard frames, over bytes that arrive in pieces. 64-bit numbers are kept as two halves of 32 bits, because
// BigInt is too slow for every byte of a file. https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;
const [PRIME1_HIGH, PRIME1_LOW] = halvesOf(PRIME1);
const [PRIME2_HIGH, PRIME2_LOW] = halvesOf(PRIME2);

/** Four lanes take eight bytes each in turn. */
const STRIPE_BYTES = 32;

export class Xxh64 {
  /** The lanes, each as its lower and its upper half. */
  readonly #lanes = Int32Array.from(
    [PRIME1 + PRIME2, PRIME2, 0n, -PRIME1].flatMap((lane) => halvesOf(BigInt.asUintN(64, lane)).reverse()),
  );
  /** Bytes that do not fill a stripe yet. */
  readonly #rest = new Uint8Array(STRIPE_BYTES);
  #restBytes = 0;
  #length = 0;

  /** Adds the next bytes. */
  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(bytes.length, STRIPE_BYTES - this.#restBytes);
      this.#rest.set(bytes.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < STRIPE_BYTES) return;
      addStripes(this.#lanes, this.#rest);
    }
    const whole = bytes.length - ((bytes.length - at) % STRIPE_BYTES);
    addStripes(this.#lanes, bytes.subarray(at, whole));
    this.#rest.set(bytes.subarray(whole));
    this.#restBytes = bytes.length - whole;
  }

  /** Returns the lower 32 bits of the checksum, which frames hold. */
  low(): number {
    let hash = this.#length >= STRIPE_BYTES ? mergeLanes(this.#lanes) : PRIME5;
    hash = wrap(hash + BigInt(this.#length));
    const rest = new DataView(this.#rest.buffer);
    let at = 0;
    for (; at + 8 <= this.#restBytes; at += 8) {
      hash = wrap(rotate(hash ^ round(0n, rest.getBigUint64(at, true)), 27n) * PRIME1 + PRIME4);
    }
    if (at + 4 <= this.#restBytes) {
      hash = wrap(rotate(hash ^ wrap(BigInt(rest.getUint32(at, true)) * PRIME1), 23n) * PRIME2 + PRIME3);
      at += 4;
    }
    for (; at < this.#restBytes; at++) {
      hash = wrap(rotate(hash ^ wrap(BigInt(rest.getUint8(at)) * PRIME5), 11n) * PRIME1);
    }
    hash = wrap((hash ^ (hash >> 33n)) * PRIME2);
    hash = wrap((hash ^ (hash >> 29n)) * PRIME3);
    return Number((hash ^ (hash >> 32n)) & 0xffffffffn);
  }
}

/** Adds whole stripes to the lanes. */
function addStripes(lanes: Int32Array, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += STRIPE_BYTES) {
    for (let lane = 0; lane < 8; lane += 2) {
      // lane + input * PRIME2, rotated by 31 bits, times PRIME1.
      const inputLow = view.getInt32(at + 4 * lane, true);
      const inputHigh = view.getInt32(at + 4 * lane + 4, true);
      const productLow = Math.imul(inputLow, PRIME2_LOW);
      const productHigh =
        (upperProduct(inputLow, PRIME2_LOW) + Math.imul(inputHigh, PRIME2_LOW) + Math.imul(inputLow, PRIME2_HIGH)) | 0;
      const laneLow = lanes[lane] as number;
      const sumLow = (laneLow + productLow) | 0;
      const carry = sumLow >>> 0 < productLow >>> 0 ? 1 : 0;
      const sumHigh = ((lanes[lane + 1] as number) + productHigh + carry) | 0;
      const turnedLow = (sumLow << 31) | (sumHigh >>> 1);
      const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
      lanes[lane] = Math.imul(turnedLow, PRIME1_LOW);
      lanes[lane + 1] =
        upperProduct(turnedLow, PRIME1_LOW) + Math.imul(turnedHigh, PRIME1_LOW) + Math.imul(turnedLow, PRIME1_HIGH);
    }
  }
}

/** Returns the upper 32 bits of the product of two unsigned numbers. */
function upperProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Each sum stays below 2^32.
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16);
  const lower = Math.imul(aLow, bHigh) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (lower >>> 16)) | 0;
}

function mergeLanes(halves: Int32Array): bigint {
  const lanes = Array.from({ length: 4 }, (_, i) =>
    BigInt.asUintN(64, (BigInt(halves[2 * i + 1] as number) << 32n) | BigInt((halves[2 * i] as number) >>> 0)),
  ) as [bigint, bigint, bigint, bigint];
  const [a, b, c, d] = lanes;
  let hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
  for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * PRIME1 + PRIME4);
  return hash;
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * PRIME2), 31n) * PRIME1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap((value << bits) | (value >> (64n - bits)));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function halvesOf(value: bigint): [high: number, low: number] {
  return [Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value))];
}
