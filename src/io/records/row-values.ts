// Values of rows that results are written with: ids, names, columns of the input.

/** One value for each row, by its number. */
export interface RowValues {
  readonly name: string;
  /** 64-bit integers, float64 numbers, or text. */
  readonly type: 'i8' | 'f8' | 'text';
  /** The values as text. Numbers are written as JavaScript writes them, so that text and number mean each other exactly. */
  readonly texts: readonly string[];
}

/** What is seen of a column while its texts are read. */
export interface SeenValues {
  /** Whether some are texts where the file tells texts from numbers. */
  texts: boolean;
}

/** Values with the type that they have in a file: numbers where all are, and would be written in the same way again. */
export function rowValues(name: string, texts: readonly string[], seen: SeenValues): RowValues {
  const isNumeric = !seen.texts && texts.length > 0;
  if (isNumeric && texts.every(isWhole)) return { name, type: 'i8', texts };
  if (isNumeric && texts.every(isFloat)) return { name, type: 'f8', texts };
  return { name, type: 'text', texts };
}

/** '17', not '017': an id with a zero before it is another id without it. */
function isWhole(text: string): boolean {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return false;
  return text.length < 19 || BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/** '1.5', not '1.50', which may be a version. */
function isFloat(text: string): boolean {
  return /^-?\d/.test(text) && String(Number(text)) === text;
}
