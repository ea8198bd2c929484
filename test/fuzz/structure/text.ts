// Changes tables and JSON lines token by token: very long quoted cells, lines of a megabyte, brackets that never close, numbers of
// thousands of digits, misplaced separators and line ends.

import { below, pick, type Random } from '../mutate.js';

/**
 * Most repetitions are short, so that files take little time. A million files still contain thousands with long cells, and hundreds with
 * lines of a megabyte.
 */
const SHORT_LENGTHS = [1, 2, 3, 5, 10, 17, 40];
const LENGTHS = [100, 1000, 4096, 4097];
const LONG_LENGTHS = [2 ** 16, 2 ** 17 + 1, 2 ** 20];
const MEDIUM = 0.03;
const LONG = 0.0003;

function lengthOfRun(random: Random): number {
  const draw = random();
  return pick(draw < LONG ? LONG_LENGTHS : draw < MEDIUM ? LENGTHS : SHORT_LENGTHS, random);
}

const PIECES: readonly string[] = [
  ...['"', '""', '\\"', ',', ';', '\t', '|', ' ', '\n', '\r', '\r\n', '\0', '\ufeff', '\u2028', '[', ']', '{', '}', '(', ')'],
  ...[
    ':',
    '-',
    '+',
    '.',
    'e',
    '0',
    '1',
    '9',
    'x',
    '#',
    '\\',
    '\\u',
    '\\ud800',
    '[[',
    '],[',
    '{"a":',
    '[1,',
    '"a",',
    '1,',
    '1 ',
  ],
  ...['"\n"', '1e', '-0', '0.', '.5', 'nan', 'null', 'true', 'inf', 'None', '...', "'", 'é', '\u{1f600}', '\x80', '/*', '//'],
];

const NUMBERS: readonly string[] = [
  ...[
    '1e400',
    '-1e400',
    '1e-400',
    '4e-324',
    '1e99999999999',
    '0x10',
    '1_000',
    '1,000',
    '1.000,5',
    '1.5.5',
    '--1',
    '1-',
    '1e',
    'e5',
  ],
  ...['9007199254740993', '123456789012345678901234567890', '0.1e1.5', '٣', '½', '1/2', '$5', '5%', 'NaN', '-Infinity', ''],
];

/** Returns a copy of a text file with one to three of its tokens changed. */
export function changeText(file: Uint8Array, random: Random): Uint8Array {
  let text: Buffer = Buffer.from(file);
  const times = random() < 0.5 ? 1 : 1 + below(3, random);
  for (let i = 0; i < times; i++) text = changeToken(text, random);
  return new Uint8Array(text);
}

function changeToken(text: Buffer, random: Random): Buffer {
  const [from, to] = token(text, random);
  const draw = random();
  const put = (piece: Buffer, end = to) => Buffer.concat([text.subarray(0, from), piece, text.subarray(end)]);
  const length = lengthOfRun(random);
  const piece = Buffer.from(pick(PIECES, random));
  if (draw < 0.2) return put(repeated(piece, length));
  if (draw < 0.35) return put(repeated(piece, length), from);
  if (draw < 0.5) return put(Buffer.from(pick(NUMBERS, random)));
  if (draw < 0.6) return put(Buffer.concat([Buffer.from('"'), repeated(piece, length), Buffer.from('"')]));
  if (draw < 0.65) return put(repeated(Buffer.from('7'), length));
  if (draw < 0.75) {
    const [start, end] = line(text, from);
    return Buffer.concat([
      text.subarray(0, end),
      repeated(text.subarray(start, end), Math.min(length, 1000)),
      text.subarray(end),
    ]);
  }
  if (draw < 0.82) {
    const [start, end] = line(text, from);
    return Buffer.concat([text.subarray(0, start), text.subarray(end)]);
  }
  if (draw < 0.9) {
    const [other, end] = token(text, random);
    return put(text.subarray(other, end));
  }
  return put(piece, Math.min(text.length, from + 1));
}

/** Repeats `piece` up to two megabytes. */
function repeated(piece: Buffer, times: number): Buffer {
  return Buffer.alloc(Math.min(2 ** 21, piece.length * times), piece);
}

/** A run of letters and digits, or one other byte. */
function token(text: Buffer, random: Random): [from: number, to: number] {
  const at = below(text.length + 1, random);
  let from = at;
  let to = at;
  while (from > 0 && isWord(text[from - 1] as number)) from--;
  while (to < text.length && isWord(text[to] as number)) to++;
  return [from, Math.max(to, Math.min(text.length, at + 1))];
}

function isWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x7a && byte !== 0x5b && byte !== 0x5d) ||
    byte === 0x2e ||
    byte === 0x2d
  );
}

/** Returns the line that contains byte `at`, with its end. */
function line(text: Buffer, at: number): [from: number, to: number] {
  const start = at > 0 ? text.lastIndexOf(0x0a, at - 1) + 1 : 0;
  const end = text.indexOf(0x0a, at);
  return [start, end < 0 ? text.length : end + 1];
}
