// JSON Lines: exact values, every error with its place, cuts anywhere, and files of any damage.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '../../src/errors.js';
import { bytesInMemory } from '../../src/io/byte-source.js';
import { readJsonl, readJsonlText } from '../../src/io/formats/jsonl.js';
import type { RowStream } from '../../src/io/row-reader.js';

const sourceOf = (text: string | Uint8Array) =>
  bytesInMemory(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'rows.jsonl');

async function rowsOf(text: string | Uint8Array, column?: string): Promise<number[][]> {
  const stream = (await readJsonl(sourceOf(text), { column })) as RowStream;
  expect(stream).toMatchObject({ kind: 'stream', type: 'float32' });
  const rows: number[][] = [];
  for await (const block of stream.blocks()) {
    expect(block).toBeInstanceOf(Float32Array);
    for (let at = 0; at < block.length; at += stream.depth) rows.push([...block.subarray(at, at + stream.depth)]);
  }
  return rows;
}

async function textsOf(text: string, column: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const some of readJsonlText(sourceOf(text), column)) texts.push(...some);
  return texts;
}

describe('rows of lines', () => {
  const rows = [[1, -0.5], [0.1, 4].map(Math.fround)];

  it('are arrays, or the field that holds them', async () => {
    expect(await rowsOf('[1,-0.5]\n[0.1,4]\n')).toEqual(rows);
    expect(await rowsOf('\ufeff\r\n[1, -0.5]\r\n \t\r\n[0.1, 4]')).toEqual(rows);
    expect(await rowsOf('{"id":1,"v":[1,-0.5]}\n{"v":[0.1,4],"id":[2]}')).toEqual(rows);
    expect(await rowsOf('{"a":[9],"embedding":[1,-0.5]}\n{"embedding":[0.1,4]}')).toEqual(rows);
    expect(await rowsOf('{"a":[9],"vector":[1,-0.5]}\n{"vector":[0.1,4]}')).toEqual(rows);
  });

  it('are the field that is named, at any depth', async () => {
    expect(await rowsOf('{"a":[1],"b":[2]}', 'b')).toEqual([[2]]);
    expect(await rowsOf('{"data":[{"embedding":[3]}]}', 'data.0.embedding')).toEqual([[3]]);
    expect(await rowsOf('{"a.b":[1],"a":{"b":[2]}}', 'a.b')).toEqual([[1]]);
    expect(await rowsOf('{"__proto__":[1]}', '__proto__')).toEqual([[1]]);
  });

  it('are the same wherever pieces of the file end', async () => {
    const text = '„naïve“ 🐈';
    const lines = Array.from({ length: 40_000 }, (_, i) => JSON.stringify({ text: text.repeat(i % 4), v: [i, -i / 2] }));
    // Of one line longer than several pieces, too.
    lines[100] = JSON.stringify({ text: text.repeat(200_000), v: [100, -50] });
    const got = await rowsOf(lines.join('\n'));
    expect(got.length).toBe(lines.length);
    got.forEach(([i, half], at) => {
      if (i !== at || half !== -at / 2) expect([i, half]).toEqual([at, -at / 2]);
    });
    const texts = await textsOf(lines.join('\n'), 'text');
    expect(texts.every((name, i) => name === text.repeat(i === 100 ? 200_000 : i % 4))).toBe(true);
  });

  it('read back as they were written', async () => {
    const row = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), row), { minLength: 1 }), async (table) => {
        const text = table.map(([name, v]) => JSON.stringify({ name, v })).join('\n');
        expect(await rowsOf(text)).toEqual(table.map(([, v]) => v.map((x) => x + 0)));
        expect(await textsOf(text, 'name')).toEqual(table.map(([name]) => name));
      }),
      { numRuns: 100 },
    );
  });
});

describe('names of rows', () => {
  it('are text, numbers, or nothing', async () => {
    expect(await textsOf('{"a":{"b":"x"}}\n{"a":{"b":7}}\n{"a":{"b":null}}\n', 'a.b')).toEqual(['x', '7', '']);
    await expect(textsOf('{"a":"x"}\n{"a":[1]}\n', 'a')).rejects.toThrow(
      new FormatError('rows.jsonl', 10, 'line 2, field "a": expected text, got an array'),
    );
    await expect(textsOf('{"a":"x"}\n{"b":1}\n', 'a')).rejects.toThrow(
      new FormatError('rows.jsonl', 10, 'line 2, field "a": expected text, got nothing'),
    );
  });
});

describe('errors', () => {
  it.each<[text: string, offset: number, message: string]>([
    ['', 0, 'no rows'],
    [' \n\r\n', 4, 'no rows'],
    ['\ufeff\n[1,\n', 4, 'line 2: not valid JSON'],
    ['[1]\n[NaN]\n', 4, 'line 2: not valid JSON'],
    ['7', 0, 'line 1: expected an array of numbers or an object'],
    ['[]', 0, 'line 1: an array without numbers'],
    ['{"a":1,"b":"x"}', 0, 'line 1: no field holds an array of numbers; there are a, b'],
    ['{}', 0, 'line 1: no field holds an array of numbers; there are no fields'],
    ['[1,2]\n\n[3]\n', 7, 'line 3: expected 2 numbers, got 1'],
    ['[1,2]\n[3,"4"]\n', 6, 'line 2: element 2 is no number but "4"'],
    ['[1,2]\n{"v":[1,2]}\n', 6, 'line 2: expected an array of numbers, got an object'],
    ['{"v":[1,2]}\r\n{"w":[1,2]}\r\n', 13, 'line 2, field "v": expected an array of numbers, got nothing'],
    ['{"v":[1,2]}\n[1,2]\n', 12, 'line 2, field "v": expected an array of numbers, got nothing'],
    ['[1,2]\n[1,[2]]\n', 6, 'line 2: element 2 is no number but an array'],
  ])('of %j', async (text, offset, message) => {
    await expect(rowsOf(text)).rejects.toThrow(new FormatError('rows.jsonl', offset, message));
    await expect(rowsOf(text)).rejects.toMatchObject({ offset, file: 'rows.jsonl' });
  });

  it('of arrays in arrays', async () => {
    await expect(rowsOf(`[1]\n${'['.repeat(2 ** 21)}`)).rejects.toThrow(
      new FormatError('rows.jsonl', 4, 'line 2: more than 1048576 arrays and objects'),
    );
    await expect(rowsOf('['.repeat(2 ** 20))).rejects.toThrow(new FormatError('rows.jsonl', 0, 'line 1: not valid JSON'));
  });

  it('of a line without end', async () => {
    await expect(rowsOf(new Uint8Array(65 * 2 ** 20).fill(0x20))).rejects.toThrow(
      new FormatError('rows.jsonl', 0, 'line 1: longer than 67108864 bytes'),
    );
  });

  it.each<[text: string, column: string | undefined, message: string]>([
    ['{"a":[1],"b":[2]}', 'c', 'no field c; there are a, b'],
    ['{"a":{"b":[2]}}', 'a.c', 'no field a.c; there are a'],
    ['[1]', 'a', 'no field a; the lines are arrays of numbers, not objects'],
    ['{"a":[1],"b":[2],"c":["x"]}', undefined, 'several fields hold arrays of numbers: a, b; name one'],
  ])('of the column: %j, %j', async (text, column, message) => {
    await expect(rowsOf(text, column)).rejects.toThrow(new ArgumentError('column', `rows.jsonl: ${message}`));
  });

  it('are all there is, whatever the damage', async () => {
    const whole = new TextEncoder().encode('\ufeff{"id":1,"v":[1,-2.5]}\r\n{"v":[3e1,0],"é":{"x":[]}}\n');
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(...'",\n\r[]{}0:\u0000-')), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, character] of changes) if (at < length) bytes[at] = character.charCodeAt(0);
        for (const column of [undefined, 'v', 'é.x']) {
          await rowsOf(bytes, column).catch((error) => {
            if (!(error instanceof FormatError || error instanceof ArgumentError)) throw error;
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
