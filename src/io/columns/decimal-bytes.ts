// Decimal numbers read from the bytes of a text, without a string for each: the same float32 as Math.fround(Number(text)).

import { isTinyNumber, MIN_NORMAL } from './tiny-rows.js';

const COMMA = 0x2c;
const DOT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const BLANK = 0x20;
/** 'e' and 'E' differ in this bit. */
const LOWER_CASE = 0x20;
const LETTER_E = 0x65;

/** Powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MAX_POWER = 22;
/** Whole numbers of so many digits are exact in float64. */
const EXACT_DIGITS = 15;
/** Once so many digits are read, only the number of further ones matters. */
const MAX_DIGITS = 18;
/** Beyond this exponent the reader need not know which it is: the number is zero or infinite. */
const MAX_EXPONENT = 1e6;
/** More than the relative error, at most nine roundings of 2^-53: six of digits behind the first 15, two of powers, one of the factor itself. */
const ERROR = 2 ** -49;

/** The characters '0000'. */
const ZEROS = 0x30303030;

/** Bits that are set where four characters, less ZEROS, are not all digits; the lowest is in the first byte that is none. */
function othersThanDigits(four: number): number {
  return ((four + 0x06060606) | four) & 0xf0f0f0f0;
}

/** The number of four digits, the first of which is in the lowest byte. */
function numberOfFour(four: number): number {
  const pairs = (Math.imul(four, 10) + (four >>> 8)) & 0x00ff00ff;
  return (Math.imul(pairs & 0xff, 100) + (pairs >>> 16)) | 0;
}

export class DecimalReader {
  /** Where the last call stopped: the first byte that is no part of what it read. */
  at = 0;
  /** Set by a number so close to zero that float32 loses digits of it; for the caller to reset. */
  seenTiny = false;
  readonly #point: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Over `#bytes`. */
  #view: DataView = new DataView(this.#bytes.buffer);

  /** `point` separates the fraction: '.' or ','. */
  constructor(point: '.' | ',' = '.') {
    this.#point = point === '.' ? DOT : COMMA;
  }

  /**
   * Reads the decimal number that begins at byte `start` into `target[index]`, rounded to float32: '1', '-0.5', '+.5', '2.', '1e-7'; blanks around
   * it are the caller's to skip. Returns false, with `at` at `start`, where none begins there: words such as 'nan' and 'inf' are no numbers here.
   */
  number(bytes: Uint8Array, start: number, end: number, target: Float32Array, index: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    let i = start;
    // Half of all numbers are negative, which a branch would predict falsely half of the time.
    const sign = i < end ? (bytes[i] as number) : 0;
    const minus = ((sign ^ MINUS) - 1) >>> 31;
    i += minus;
    if (sign === PLUS) i += 1;
    let significand = 0;
    let digits = 0;
    let exponent = 0;
    const first = i;
    for (; i < end; i++) {
      const digit = (bytes[i] as number) - ZERO;
      if (digit >>> 0 > 9) break;
      if (digits < MAX_DIGITS) {
        significand = significand * 10 + digit;
        if (significand !== 0) digits += 1;
      } else {
        exponent += 1;
      }
    }
    let seen = i - first;
    if (i < end && bytes[i] === this.#point) {
      const fraction = ++i;
      if (digits === 0) while (i < end && bytes[i] === ZERO) i += 1;
      // Several at a time: digits one by one are a chain of multiplications, each of which waits for the one before.
      while (digits <= MAX_DIGITS - 8 && i + 8 <= end) {
        const left = view.getInt32(i, true) ^ ZEROS;
        const right = view.getInt32(i + 4, true) ^ ZEROS;
        if ((othersThanDigits(left) | othersThanDigits(right)) !== 0) break;
        significand = significand * 1e8 + ((Math.imul(numberOfFour(left), 10_000) + numberOfFour(right)) | 0);
        digits += 8;
        i += 8;
      }
      while (digits < MAX_DIGITS && i + 4 <= end) {
        const four = view.getInt32(i, true) ^ ZEROS;
        const others = othersThanDigits(four);
        const count = others === 0 ? 4 : (31 - Math.clz32(others & -others)) >> 3;
        // Fewer digits are moved behind zeros.
        const shifted = count === 4 ? four : (four << 8) << (24 - 8 * count);
        significand = significand * (POWERS[count] as number) + numberOfFour(shifted);
        digits += count;
        i += count;
        if (count < 4) break;
      }
      for (; i < end && digits < MAX_DIGITS; i++, digits++) {
        const digit = (bytes[i] as number) - ZERO;
        if (digit >>> 0 > 9) break;
        significand = significand * 10 + digit;
      }
      exponent -= i - fraction;
      while (i < end && ((bytes[i] as number) - ZERO) >>> 0 <= 9) i += 1;
      seen += i - fraction;
    }
    if (seen === 0) {
      this.at = start;
      return false;
    }
    if (i < end && ((bytes[i] as number) | LOWER_CASE) === LETTER_E) {
      exponent += this.#exponent(bytes, i + 1, end);
      if (this.at > i) i = this.at;
    }
    this.at = i;
    if (exponent < -2 * MAX_POWER || exponent > MAX_POWER) {
      const far = numberOfText(bytes, start, i);
      if (isTinyNumber(far) || (far === 0 && significand !== 0)) this.seenTiny = true;
      target[index] = Math.fround(far);
      return true;
    }
    let value: number;
    if (exponent >= 0) value = significand * (POWERS[exponent] as number);
    else if (exponent >= -MAX_POWER) value = significand / (POWERS[-exponent] as number);
    else value = significand / (POWERS[MAX_POWER] as number) / (POWERS[-exponent - MAX_POWER] as number);
    if (digits > EXACT_DIGITS || exponent < -MAX_POWER) {
      // The exact number lies between these two, and so does the float64 next to it: if both round alike, it does, too.
      const low = Math.fround(value * (1 - ERROR));
      value = low === Math.fround(value * (1 + ERROR)) ? low : Math.fround(Math.abs(numberOfText(bytes, start, i)));
    }
    if (value < MIN_NORMAL && significand !== 0 && isTinyNumber(numberOfText(bytes, start, i))) this.seenTiny = true;
    target[index] = value * (1 - 2 * minus);
    return true;
  }

  /** The exponent whose sign or digits begin at `start`; without digits 0, and `at` before `start`. */
  #exponent(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    const sign = i < end ? bytes[i] : 0;
    if (sign === MINUS || sign === PLUS) i += 1;
    const first = i;
    let exponent = 0;
    for (; i < end; i++) {
      const digit = (bytes[i] as number) - ZERO;
      if (digit >>> 0 > 9) break;
      if (exponent < MAX_EXPONENT) exponent = exponent * 10 + digit;
    }
    this.at = i === first ? start - 1 : i;
    return sign === MINUS ? -exponent : exponent;
  }

  /**
   * Numbers separated by commas, or by blanks, up to the byte `closing`, from `start` on (behind the opening bracket), into `target` as far as
   * they have room there. How many they are, with `at` behind the closing byte; -1 where the text is anything else, with `at` where that shows.
   */
  list(
    bytes: Uint8Array,
    start: number,
    end: number,
    target: Float32Array,
    closing: number,
    separator: ',' | ' ' = ',',
  ): number {
    const byComma = separator === ',';
    let count = 0;
    let i = start;
    for (;;) {
      while (i < end && isBlank(bytes[i] as number)) i += 1;
      // An empty list, and blanks before the bracket of one that is separated by them.
      if (i < end && bytes[i] === closing && (count === 0 || !byComma)) {
        this.at = i + 1;
        return count;
      }
      // A typed array has no place beyond its length, and takes no number there.
      if (!this.number(bytes, i, end, target, count)) return -1;
      i = this.at;
      count += 1;
      const behind = i;
      while (i < end && isBlank(bytes[i] as number)) i += 1;
      this.at = i;
      if (i >= end) return -1;
      if (bytes[i] === closing) {
        this.at = i + 1;
        return count;
      }
      if (byComma) {
        if (bytes[i] !== COMMA) return -1;
        i += 1;
      } else if (i === behind) {
        return -1;
      }
    }
  }
}

/** Blanks, tabs and ends of lines. */
function isBlank(byte: number): boolean {
  return byte === BLANK || (byte >= 0x09 && byte <= 0x0d);
}

/** What the engine itself makes of the text: for the few numbers that are near the middle between two float32, very small or very large. */
function numberOfText(bytes: Uint8Array, start: number, end: number): number {
  const text = Array.from(bytes.subarray(start, end), (byte) => (byte === COMMA ? '.' : String.fromCharCode(byte))).join('');
  return Number(text);
}
