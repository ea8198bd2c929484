// Decimal numbers read from the bytes of a text, without a string for each: the same float32 as Math.fround(Number(text)).

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
/** Whole numbers of so many digits are exact in float64, and in two int32 halves. */
const EXACT_DIGITS = 15;
const HALF_DIGITS = 9;
/** Beyond this exponent the reader need not know which it is: the number is zero or infinite. */
const MAX_EXPONENT = 1e6;
/** More than the relative error of a product or quotient made of 18 digits and two powers: six roundings of 2^-53 each. */
const ERROR = 2 ** -49;

export class DecimalReader {
  /** Where the last call stopped: the first byte that is no part of what it read. */
  at = 0;
  readonly #point: number;

  /** `point` separates the fraction: '.' or ','. */
  constructor(point: '.' | ',' = '.') {
    this.#point = point === '.' ? DOT : COMMA;
  }

  /**
   * The decimal number that begins at byte `start`, rounded to float32: '1', '-0.5', '+.5', '2.', '1e-7'; blanks around it are the caller's to
   * skip. Where none begins there, `at` remains `start`, and the result is NaN. Words such as 'nan' and 'inf' are no numbers here.
   */
  number(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    let negative = false;
    if (i < end) {
      const sign = bytes[i] as number;
      negative = sign === MINUS;
      if (negative || sign === PLUS) i += 1;
    }
    // The first 9 digits and the next 9: int32 arithmetic is the fastest. Of further digits only their number matters.
    let high = 0;
    let low = 0;
    let digits = 0;
    let exponent = 0;
    const first = i;
    let digit = 0;
    for (; i < end; i++) {
      digit = (bytes[i] as number) - ZERO;
      if (digit >>> 0 > 9) break;
      if (digits < HALF_DIGITS) {
        high = high * 10 + digit;
        if (high !== 0) digits += 1;
      } else if (digits < 2 * HALF_DIGITS) {
        low = low * 10 + digit;
        digits += 1;
      } else {
        exponent += 1;
      }
    }
    let seen = i - first;
    if (i < end && bytes[i] === this.#point) {
      const fraction = ++i;
      while (i < end && digits < HALF_DIGITS) {
        digit = (bytes[i] as number) - ZERO;
        if (digit >>> 0 > 9) break;
        high = high * 10 + digit;
        if (high !== 0) digits += 1;
        i += 1;
      }
      while (i < end && digits < 2 * HALF_DIGITS) {
        digit = (bytes[i] as number) - ZERO;
        if (digit >>> 0 > 9) break;
        low = low * 10 + digit;
        digits += 1;
        i += 1;
      }
      exponent -= i - fraction;
      while (i < end && ((bytes[i] as number) - ZERO) >>> 0 <= 9) i += 1;
      seen += i - fraction;
    }
    if (seen === 0) {
      this.at = start;
      return Number.NaN;
    }
    if (i < end && ((bytes[i] as number) | LOWER_CASE) === LETTER_E) {
      exponent += this.#exponent(bytes, i + 1, end);
      if (this.at > i) i = this.at;
    }
    this.at = i;
    if (high === 0) return negative ? -0 : 0;
    const significand = digits <= HALF_DIGITS ? high : high * (POWERS[digits - HALF_DIGITS] as number) + low;
    if (exponent < -2 * MAX_POWER || exponent > MAX_POWER) return numberOfText(bytes, start, i);
    let value: number;
    if (exponent >= 0) value = significand * (POWERS[exponent] as number);
    else if (exponent >= -MAX_POWER) value = significand / (POWERS[-exponent] as number);
    else value = significand / (POWERS[MAX_POWER] as number) / (POWERS[-exponent - MAX_POWER] as number);
    let single = Math.fround(value);
    if (digits > EXACT_DIGITS || exponent < -MAX_POWER) {
      // The exact number lies between these two, and so does the float64 next to it: if both round alike, it does, too.
      single = Math.fround(value * (1 - ERROR));
      if (single !== Math.fround(value * (1 + ERROR))) return numberOfText(bytes, start, i);
    }
    return negative ? -single : single;
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
    const { length } = target;
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
      const value = this.number(bytes, i, end);
      if (this.at === i) return -1;
      i = this.at;
      if (count < length) target[count] = value;
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
  return Math.fround(Number(text));
}
