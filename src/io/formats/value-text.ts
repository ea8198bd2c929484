// Formats values of columns as text, for names: exactly, and in one form for each value. Integers and decimals have all their digits; dates
// and times follow ISO 8601.

import { widenElements } from '../../rows/element-type.js';
import { checkScale, signedInteger } from './decimal.js';

/** Returns the text of a value from its bytes, which are little-endian unless stated otherwise. */
export type ValueText = (bytes: Uint8Array) => string;

const STRICT = new TextDecoder('utf-8', { fatal: true });

/** Formats a string, which these formats define as UTF-8. Throws Error for other bytes. */
export const stringText: ValueText = (bytes) => {
  try {
    return STRICT.decode(bytes);
  } catch {
    throw new Error('a text is not UTF-8; write the column again as UTF-8');
  }
};

export const wholeText: ValueText = (bytes) => String(signedInteger(bytes, true));

export const unsignedText: ValueText = (bytes) => String(BigInt.asUintN(8 * bytes.length, signedInteger(bytes, true)));

/** Formats float16, float32 and float64, recognised by their length. */
export const floatText: ValueText = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 8) return String(view.getFloat64(0, true));
  if (bytes.length === 4) return String(view.getFloat32(0, true));
  const wide = new Float64Array(1);
  widenElements(bytes.slice(), 'float16', true, 1, wide, 0);
  return String(wide[0]);
};

/** Omits trailing zeros: 1.50 becomes 1.5. */
export function decimalText(scale: number, littleEndian = true): ValueText {
  return (bytes) => {
    checkScale(scale);
    const unscaled = signedInteger(bytes, littleEndian);
    if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
    const fraction = digits.slice(-scale).replace(/(?<!0)0+$/, '');
    return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction && `.${fraction}`}`;
  };
}

export const booleanText: ValueText = ([bit]) => (bit === 1 ? 'true' : 'false');

const DAY_MS = 86_400_000n;

/** Formats dates such as 2024-02-29, given in days or milliseconds since 1970. */
export function dateText(unit: 'days' | 'milliseconds'): ValueText {
  return (bytes) => {
    const value = signedInteger(bytes, true);
    return isoTime(unit === 'days' ? value * DAY_MS : value).slice(0, '2024-02-29'.length);
  };
}

/**
 * Formats timestamps such as 2024-02-29T12:30:00.25Z, given in seconds (`digits` 0), milliseconds (3), microseconds (6) or nanoseconds (9)
 * since 1970. Without `isUtc`, the time zone is unknown and the Z is omitted.
 */
export function timestampText(digits: number, isUtc: boolean): ValueText {
  const second = 10n ** BigInt(digits);
  return (bytes) => {
    const value = signedInteger(bytes, true);
    const past = ((value % second) + second) % second;
    const fraction =
      digits === 0
        ? ''
        : String(past)
            .padStart(digits, '0')
            .replace(/(?<!0)0+$/, '');
    const whole = isoTime(((value - past) / second) * 1000n).slice(0, '2024-02-29T12:30:00'.length);
    return `${whole}${fraction && `.${fraction}`}${isUtc ? 'Z' : ''}`;
  };
}

/** Throws a plain Error for years that ISO 8601 does not write with four digits. */
function isoTime(milliseconds: bigint): string {
  const text = Math.abs(Number(milliseconds)) > 1e15 ? '' : new Date(Number(milliseconds)).toISOString();
  if (/^\d/.test(text)) return text;
  throw new Error('a date or time outside the years 0 to 9999');
}

/** Formats UUIDs such as 01234567-89ab-cdef-0123-456789abcdef. */
export const uuidText: ValueText = (bytes) => {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
