// Reads decimal numbers from the bytes of a text, without creating a string for each. The result is the same float32 as
// Math.fround(Number(text)).

import { isTinyNumber, MIN_NORMAL } from './tiny-rows.js';

const COMMA = 0x2c;
const DOT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const BLANK = 0x20;
/** The bit in which 'e' and 'E' differ. */
const LOWER_CASE = 0x20;
const LETTER_E = 0x65;

/** Powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MAX_POWER = 22;
/** Integers of up to this many digits are exact in float64. */
const EXACT_DIGITS = 15;
/** After this many digits, only the number of further digits matters. */
const MAX_DIGITS = 18;
/** Beyond this exponent, the number is zero or infinite whatever the exponent is. */
const MAX_EXPONENT = 1e6;
/**
 * Exceeds the relative error, which is at most nine roundings of 2^-53: six for digits after the first 15, two for powers, and one for this
 * factor.
 */
const ERROR = 2 ** -49;

/** The characters '0000'. */
const ZEROS = 0x30303030;

/** Returns nonzero bits for the bytes that are not digits in four characters minus ZEROS; the lowest set bit is in the first such byte. */
function othersThanDigits(four: number): number {
  return ((four + 0x06060606) | four) & 0xf0f0f0f0;
}

/** Returns the number that four digits denote; the first is in the lowest byte. */
function numberOfFour(four: number): number {
  const pairs = (Math.imul(four, 10) + (four >>> 8)) & 0x00ff00ff;
  return (Math.imul(pairs & 0xff, 100) + (pairs >>> 16)) | 0;
}

export class DecimalReader {
  /** Where the last call stopped: the first byte that does not belong to what it read. */
  at = 0;
  /** Set by a number so close to zero that float32 loses digits of it; the caller resets it. */
  seenTiny = false;
  readonly #point: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** A view of `#bytes`. */
  #view: DataView = new DataView(this.#bytes.buffer);

  /** `point` is the decimal separator. */
  constructor(point: '.' | ',' = '.') {
    this.#point = point === '.' ? DOT : COMMA;
  }

  /**
   * Reads the decimal number at byte `start` into `target[index]`, rounded to float32: '1', '-0.5', '+.5', '2.', '1e-7'. The caller skips
   * blanks around it. Returns false, with `at` at `start`, if there is no number; words such as 'nan' and 'inf' are not numbers here.
   */
  number(bytes: Uint8Array, start: number, end: number, target: Float32Array, index: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    let i = start;
    // Half of all numbers are negative, so a branch would be mispredicted half of the time.
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
      // Several digits at a time, because digit by digit would be a chain of dependent multiplications.
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
        // Fewer digits are padded with leading zeros.
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
      // The exact number lies between these two, as does the nearest float64. If both round to the same float32, so does the number.
      const low = Math.fround(value * (1 - ERROR));
      value = low === Math.fround(value * (1 + ERROR)) ? low : Math.fround(Math.abs(numberOfText(bytes, start, i)));
    }
    if (value < MIN_NORMAL && significand !== 0 && isTinyNumber(numberOfText(bytes, start, i))) this.seenTiny = true;
    target[index] = value * (1 - 2 * minus);
    return true;
  }

  /** Reads the exponent whose sign or digits begin at `start`; without digits, returns 0 and sets `at` before `start`. */
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
   * Reads numbers separated by commas or blanks from `start` (after the opening bracket) to the byte `closing`, into `target` as far as
   * there is space. Returns their number, with `at` after the closing byte; or -1 if the text is anything else, with `at` where this was
   * found.
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
      // An empty list, or blanks before the closing bracket of a list separated by blanks.
      if (i < end && bytes[i] === closing && (count === 0 || !byComma)) {
        this.at = i + 1;
        return count;
      }
      // Writing beyond the end of a typed array has no effect.
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

/** True for blanks, tabs and line ends. */
function isBlank(byte: number): boolean {
  return byte === BLANK || (byte >= 0x09 && byte <= 0x0d);
}

/** Uses the engine's own conversion for the few numbers that are close to the middle between two float32, very small or very large. */
function numberOfText(bytes: Uint8Array, start: number, end: number): number {
  const text = Array.from(bytes.subarray(start, end), (byte) => (byte === COMMA ? '.' : String.fromCharCode(byte))).join('');
  return Number(text);
}
