import { describe, expect, it } from 'vitest';
import { DecimalReader } from '../../../src/io/columns/decimal-bytes.js';
import { fc } from '../../property.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Returns the number that begins at `start`, if there is one. */
function numbersIn(reader: DecimalReader, bytes: Uint8Array, start: number, end: number): number[] {
  const target = new Float32Array(1);
  return reader.number(bytes, start, end, target, 0) ? [...target] : [];
}

/** Returns the number at the beginning of `text`, and its length in bytes. */
function read(text: string, reader = new DecimalReader()): [value: number, end: number] {
  const bytes = bytesOf(`;${text}`);
  const [value] = numbersIn(reader, bytes, 1, bytes.length);
  return [value ?? Number.NaN, reader.at - 1];
}

function sameAsEngine(text: string): void {
  expect(read(text), text).toEqual([Math.fround(Number(text)), text.length]);
}

describe('a decimal number in bytes', () => {
  it.each([
    '0',
    '-0',
    '+1',
    '1.',
    '.5',
    '-.5',
    '0.1',
    '1e5',
    '1E+5',
    '2.5e-3',
    '00012.5000',
    '16777217',
    '0.30000000000000004',
  ])('is the float32 next to %s', sameAsEngine);

  it('is rounded like the engine does near the middle between two float32', () => {
    const bits = fc.integer({ min: 1, max: 0x7f7ffffe });
    const digits = fc.integer({ min: 15, max: 60 });
    const last = fc.integer({ min: -2, max: 2 });
    fc.assert(
      fc.property(bits, digits, last, (word, precision, away) => {
        const [below, above] = new Float32Array(Uint32Array.of(word, word + 1).buffer) as unknown as [number, number];
        const middle = (below + above) / 2;
        sameAsEngine(middle.toPrecision(precision));
        sameAsEngine(middle.toExponential(precision - 1));
        // The float64 values next to the middle, which round to it or away from it.
        const near = new Float64Array(1);
        near[0] = middle;
        const words = new BigInt64Array(near.buffer);
        words[0] = (words[0] as bigint) + BigInt(away);
        sameAsEngine(String(near[0]));
        sameAsEngine(near[0].toPrecision(20));
      }),
      { numRuns: 3000 },
    );
  });

  it('is rounded like the engine does for any digits and exponent', () => {
    const text = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        fc.stringMatching(/^\d{1,25}$/),
        fc.stringMatching(/^\d{0,25}$/),
        fc.option(fc.integer({ min: -400, max: 400 })),
      )
      .map(([sign, whole, fraction, exponent]) => `${sign}${whole}.${fraction}${exponent === null ? '' : `e${exponent}`}`);
    fc.assert(fc.property(text, sameAsEngine), { numRuns: 10_000 });
    const finite = { noNaN: true, noDefaultInfinity: true };
    fc.assert(fc.property(fc.float(finite), (value) => sameAsEngine(String(value))));
    fc.assert(fc.property(fc.double(finite), (value) => sameAsEngine(String(value))));
  });

  it.each([
    '1e-45',
    '7.006492321624085e-46',
    '7.006492321624086e-46',
    '3.4028235677973366e38',
    '3.4028235677973362e38',
    '1e400',
    '-1e400',
    '1e-400',
    '1e99999999999999999999',
    '1e-99999999999999999999',
    `0.${'0'.repeat(400)}1`,
    `1${'0'.repeat(400)}`,
    `1${'0'.repeat(30)}e-30`,
    `1.000000059604644775390625${'0'.repeat(800)}1`,
    `${'9'.repeat(2000)}e-2000`,
    '2.2250738585072011e-308',
    '5e-324',
  ])('is right at the limits: %s', sameAsEngine);

  it.each([
    ['1,2', 1],
    ['1.5.2', 3],
    ['1e', 1],
    ['1e+', 1],
    ['1ex', 1],
    ['1_000', 1],
    ['0x10', 1],
    ['1-2', 1],
    ['12 3', 2],
  ])('ends before text that is not part of it: %s', (text, end) => {
    expect(read(text)).toEqual([Number.parseFloat(text), end]);
  });

  it('ends at any byte that is not a digit, wherever it is', () => {
    for (let digits = 1; digits <= 21; digits++) {
      const text = `0.${'9876543210'.repeat(3).slice(0, digits)}`;
      for (let byte = 0; byte < 256; byte++) {
        if ((byte >= 0x30 && byte <= 0x39) || byte === 0x65 || byte === 0x45) continue;
        const reader = new DecimalReader();
        const bytes = Uint8Array.of(...bytesOf(text), byte, ...bytesOf('12345678'));
        const value = numbersIn(reader, bytes, 0, bytes.length);
        expect([...value, reader.at], `${text}, then the byte ${byte}`).toEqual([Math.fround(Number(text)), text.length]);
      }
    }
  });

  it.each(['', '-', '+', '.', '-.', 'e5', '.e5', 'nan', 'inf', ' 1', '--1'])('is not found in "%s"', (text) => {
    expect(read(text)).toEqual([Number.NaN, 0]);
  });

  it('may have a comma before its fraction', () => {
    const reader = new DecimalReader(',');
    expect(read('-0,25e1;', reader)).toEqual([-2.5, 7]);
    expect(read('1.5', reader)).toEqual([1, 1]);
    expect(read('1,000000059604644775390625', reader)).toEqual([1, 26]);
  });

  it('is not read beyond the given end', () => {
    const reader = new DecimalReader();
    expect(numbersIn(reader, bytesOf('12345'), 1, 3)).toEqual([23]);
    expect(numbersIn(reader, bytesOf('1e5'), 0, 2)).toEqual([1]);
    expect(reader.at).toBe(1);
    for (let end = 3; end <= 20; end++) {
      const text = '0.12345678901234567890'.slice(0, end);
      expect(numbersIn(reader, bytesOf(`${text}123456789`), 0, end)).toEqual([Math.fround(Number(text))]);
    }
  });
});

describe('a list of numbers in bytes', () => {
  const CLOSING = ']'.charCodeAt(0);

  function list(text: string, separator: ',' | ' ' = ',', room = 3) {
    const reader = new DecimalReader();
    const target = new Float32Array(room);
    const bytes = bytesOf(`[${text}`);
    const count = reader.list(bytes, 1, bytes.length, target, CLOSING, separator);
    return { count, values: [...target], at: reader.at - 1 };
  }

  it.each<[text: string, separator: ',' | ' ']>([
    ['1,-2.5,3e2]', ','],
    [' 1 ,\n\t-2.5,\r\n3e2 ]', ','],
    ['1 -2.5 3e2]', ' '],
    [' 1.  -2.5\n 3e2 ]', ' '],
  ])('is read from %j', (text, separator) => {
    expect(list(`${text},`, separator)).toEqual({ count: 3, values: [1, -2.5, 300], at: text.length });
  });

  it('may be empty, or longer than the target', () => {
    expect(list(' ]')).toMatchObject({ count: 0, at: 2 });
    expect(list('1,2,3,4,5]')).toEqual({ count: 5, values: [1, 2, 3], at: 10 });
  });

  it.each<[text: string, separator: ',' | ' ', at: number]>([
    ['1,2', ',', 3],
    ['1,2,', ',', 4],
    ['1,2,]', ',', 4],
    ['1,,2]', ',', 2],
    ['1 2]', ',', 2],
    ['1,2]', ' ', 1],
    ['1-2]', ' ', 1],
    ['1,x]', ',', 2],
    ['1,null]', ',', 2],
    ['[1]]', ',', 0],
    ['1 ... 2]', ' ', 2],
  ])('ends at the fault of %j separated by "%s"', (text, separator, at) => {
    expect(list(text, separator)).toMatchObject({ count: -1, at });
  });
});
