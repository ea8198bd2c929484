// Values of rows that are written with results: ids, names, columns of the input.

/** One value for each row, by row number. */
export interface RowValues {
  readonly name: string;
  /** 64-bit integers, with or without a sign, float64 numbers, or text. */
  readonly type: 'i8' | 'u8' | 'f8' | 'text';
  /** The values as text. Numbers are formatted as JavaScript formats them, so text and number correspond exactly. */
  readonly texts: readonly string[];
}

/** What was seen of a column while its texts were read. */
export interface SeenValues {
  /** True if some values are texts, in formats that distinguish texts from numbers. */
  texts: boolean;
}

/** Returns values with their type in a file: numbers if all are numbers and would be formatted in the same way again. */
export function rowValues(name: string, texts: readonly string[], seen: SeenValues): RowValues {
  const isNumeric = !seen.texts && texts.length > 0;
  if (isNumeric && texts.every(isWhole)) return { name, type: 'i8', texts };
  if (isNumeric && texts.every(isUnsigned)) return { name, type: 'u8', texts };
  if (isNumeric && texts.every(isFloat)) return { name, type: 'f8', texts };
  return { name, type: 'text', texts };
}

/** True for '17', but not for '017', which is a different id. */
function isWhole(text: string): boolean {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return false;
  return text.length < 19 || BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/** The same for integers without a sign. */
function isUnsigned(text: string): boolean {
  if (!/^(0|[1-9]\d{0,19})$/.test(text)) return false;
  return text.length < 20 || BigInt.asUintN(64, BigInt(text)) === BigInt(text);
}

/** True for '1.5', but not for '1.50', which may be a version. */
function isFloat(text: string): boolean {
  return /^-?\d/.test(text) && String(Number(text)) === text;
}
