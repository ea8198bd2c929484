// JSON Lines: exact values, every error with its position, pieces that end anywhere, and files with any damage.

import { describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '../../src/command-wording.js';
import { ArgumentError, FormatError, MemoryError, messageIn } from '../../src/errors.js';
import { bytesInMemory } from '../../src/io/bytes/byte-source.js';
import { longIntegerOf, parseJson, quoteLongIntegers } from '../../src/io/formats/json-text.js';
import { readJsonl, readJsonlText } from '../../src/io/formats/jsonl.js';
import type { RowStream } from '../../src/io/rows/row-reader.js';
import { fc } from '../property.js';
import { saying } from './saying.js';

const sourceOf = (text: string | Uint8Array) =>
  bytesInMemory(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'rows.jsonl');

async function rowsOf(text: string | Uint8Array, column?: string, memoryBudget?: number): Promise<number[][]> {
  const stream = (await readJsonl(sourceOf(text), { column, memoryBudget })) as RowStream;
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

const SHORTER = 'write shorter records, or store the vectors in .npy or Parquet';

describe('rows of lines', () => {
  const rows = [[1, -0.5], [0.1, 4].map(Math.fround)];

  it('are arrays, or the field that holds them', async () => {
    expect(await rowsOf('[1,-0.5]\n[0.1,4]\n')).toEqual(rows);
    expect(await rowsOf('\ufeff\r\n[1, -0.5]\r\n \t\r\n[0.1, 4]')).toEqual(rows);
    expect(await rowsOf('{"id":1,"v":[1,-0.5]}\n{"v":[0.1,4],"id":[2]}')).toEqual(rows);
    expect(await rowsOf('{"a":[9,9],"embedding":[1,-0.5]}\n{"embedding":[0.1,4],"a":[1]}')).toEqual(rows);
    expect(await rowsOf('[[1,-0.5],[0.1,4]]')).toEqual(rows);
    expect(await rowsOf('[{"v":[1,-0.5]},\n {"v":[0.1,4]}]')).toEqual(rows);
    expect(await rowsOf('{"v":[1,-0.5]} {"v":\n[0.1,4]}')).toEqual(rows);
    expect(await rowsOf('{"id":"a","d0":1,"d1":-0.5}\n{"d1":4,"id":"b","d0":0.1}')).toEqual(rows);
    expect(await rowsOf('[1,NaN]\n[-Infinity,2]')).toEqual([
      [1, Number.NaN],
      [Number.NEGATIVE_INFINITY, 2],
    ]);
    expect(await rowsOf('{"t":"NaN","v":[1,NaN]}\n{"t":"\\"NaN","v":[1,2]}')).toEqual([
      [1, Number.NaN],
      [1, 2],
    ]);
  });

  it('are found in the responses and exports of services', async () => {
    expect(await rowsOf('{"embeddings":{"float":[[1,-0.5],[0.1,4]]},"texts":["a","b"],"meta":{"units":7}}')).toEqual(rows);
    expect(await rowsOf('{"result":{"points":[{"id":1,"vector":[1,-0.5]},{"id":2,"vector":[0.1,4]}]}}')).toEqual(rows);
    expect(await rowsOf('{"hits":{"hits":[{"_source":{"e":[1,-0.5]}},{"_source":{"e":[0.1,4]}}]}}')).toEqual(rows);
    expect(await rowsOf('{"embedding":{"0":[1,-0.5],"1":[0.1,4],"2":[1,-0.5]},"id":{"0":1,"1":2,"2":3}}')).toEqual([
      ...rows,
      rows[0],
    ]);
    expect(await rowsOf('{"data":[{"index":1,"embedding":[0.1,4]},{"index":0,"embedding":[1,-0.5]}]}')).toEqual(rows);
    const numbered = (field: string) => `[{"index":1,"${field}":[0.1,4]},{"index":0,"${field}":[1,-0.5]}]`;
    expect(await rowsOf(numbered('embedding'))).toEqual(rows);
    expect(await rowsOf(`{"embeddings":${numbered('values')}}`)).toEqual(rows);
    expect(await rowsOf('{"index":7,"embedding":[1,-0.5]}\n{"index":3,"embedding":[0.1,4]}')).toEqual(rows);
    expect(await rowsOf('{"king":[1,-0.5],"queen":[0.1,4],"man":[1,-0.5]}')).toEqual([...rows, rows[0]]);
  });

  it('are found in a document of any size, even after long lists of other values', async () => {
    const count = 30_000;
    const texts = Array.from({ length: count }, (_, i) => 'text '.repeat(120) + i);
    const vectors = texts.map((_, i) => [i, -i / 2]);
    const chroma = await rowsOf(JSON.stringify({ documents: texts, embeddings: vectors }));
    expect(chroma.length).toBe(count);
    expect(chroma.every(([a, b], i) => a === i && b === -i / 2)).toBe(true);
    const records = JSON.stringify(
      texts.map((text, i) => ({ text, v: [i, -i / 2] })),
      null,
      1,
    );
    expect(records.length).toBeGreaterThan(2 ** 24);
    expect((await rowsOf(records)).every(([a, b], i) => a === i && b === -i / 2)).toBe(true);
    expect((await textsOf(records, 'text'))[count - 1]).toBe(texts[count - 1]);
    const late = JSON.stringify({ embeddings: vectors.flatMap((each) => Array(30).fill(each)), texts, more: vectors });
    await expect(rowsOf(late)).rejects.toThrow("choose with column: 'embeddings[]' or column: 'more[]'");
    const unordered = JSON.stringify({ data: texts.map((text, i) => ({ text, index: count - 1 - i, embedding: [1, i] })) });
    await expect(rowsOf(unordered)).rejects.toThrow('sort the embeddings by their index first');
  });

  it('are found in records of many MiB', async () => {
    const depth = 1_700_000;
    const vector = (first: number) => `[${first}${',1.25'.repeat(depth - 1)}]`;
    const firsts = async (text: string) => {
      const rows = await rowsOf(text);
      return rows.map(([first, second, ...others]) => [first, second, others.length + 2]);
    };
    const two = [
      [1, 1.25, depth],
      [2, 1.25, depth],
    ];
    // The first value is longer than 16 MiB in the first two texts.
    expect(await firsts(`{"v":${vector(1)},"t":"${'x'.repeat(2 ** 24)}"}\n{"v":${vector(2)}}`)).toEqual(two);
    expect(await firsts(`[${vector(1)},\n${vector(2)}]`)).toEqual(two);
    expect(await firsts(`{"v":[1,2],"t":"${'x'.repeat(2 ** 24)}"}\n{"v":[2,1],"t":"y"}`)).toEqual([
      [1, 2, 2],
      [2, 1, 2],
    ]);
  });

  it('are whole vectors, although the beginning of a document ends within one', async () => {
    const vector = (i: number) => Array.from({ length: 300 }, (_, at) => ((i * at) % 997) / 1024);
    const count = 24_000;
    const records = Array.from({ length: count }, (_, i) => ({ score: 0.5, v: vector(i) }));
    const ofRecords = await rowsOf(JSON.stringify(records));
    expect([ofRecords.length, ofRecords[count - 1]]).toEqual([count, vector(count - 1)]);
    const byId = await rowsOf(JSON.stringify(Object.fromEntries(records.map(({ v }, i) => [`k${i}`, v]))));
    expect([byId.length, byId[count - 1]]).toEqual([count, vector(count - 1)]);
  });

  it('are the selected field, at any depth', async () => {
    expect(await rowsOf('{"a":[1],"b":[2]}', 'b')).toEqual([[2]]);
    expect(await rowsOf('{"data":[{"a":[3],"b":[4]}]}', 'b')).toEqual([[4]]);
    expect(await rowsOf('{"data":[{"embedding":[3]}]}', 'data[0].embedding')).toEqual([[3]]);
    expect(await rowsOf('{"data":[{"embedding":[3]}]}', 'data.0.embedding')).toEqual([[3]]);
    await expect(rowsOf('{"a.b":[1],"a":{"b":[2]}}', 'a.b')).rejects.toThrow("column: '1' or column: '2'");
    expect(await rowsOf('{"a.b":[1],"a":{"b":[2]}}', '2')).toEqual([[2]]);
    expect(await rowsOf('{"__proto__":[1]}', '__proto__')).toEqual([[1]]);
  });

  it('are the same wherever pieces of the file end', async () => {
    const text = '„naïve“ 🐈';
    const lines = Array.from({ length: 40_000 }, (_, i) => JSON.stringify({ text: text.repeat(i % 4), v: [i, -i / 2] }));
    // Also one line that is longer than several pieces.
    lines[100] = JSON.stringify({ text: text.repeat(200_000), v: [100, -50] });
    const got = await rowsOf(lines.join('\n'));
    expect(got.length).toBe(lines.length);
    got.forEach(([i, half], at) => {
      if (i !== at || half !== -at / 2) expect([i, half]).toEqual([at, -at / 2]);
    });
    const texts = await textsOf(lines.join('\n'), 'text');
    expect(texts.every((name, i) => name === text.repeat(i === 100 ? 200_000 : i % 4))).toBe(true);
  });

  it('are read back as they were written', async () => {
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
  it('may accompany very long texts, and numbers that JSON does not have', () => {
    const fail = (fault: string): never => expect.unreachable(fault);
    const long = '\\"NaN 1234567890123456789,'.repeat(2 ** 20);
    const text = quoteLongIntegers(
      `{"id":1234567890123456789,"c":NaN,"long":${JSON.stringify(long)},"end":"\\\\","d":-Infinity}`,
    );
    const value = parseJson(text, fail) as Record<string, unknown>;
    expect(value.long === long).toBe(true);
    expect({ ...value, id: longIntegerOf(value.id), long: '' }).toEqual({
      id: '1234567890123456789',
      c: 'NaN',
      long: '',
      end: '\\',
      d: '-Infinity',
    });
  });

  it('are integers with all their digits', async () => {
    const ids = ['9007199254740993', '-9007199254740993', '123456789012345678901234567890', '1234567890123456'];
    const other = '"text \\" 1234567890123456789, ","v":[0.12345678901234567,1234567890.1234567890123e-1234567890123456]';
    const lines = ids.map((id, i) => `{"a":{"b":${id}${i % 2 ? ' ' : ''}},"c":${other}}`);
    expect(await textsOf(lines.join('\n'), 'a.b')).toEqual(ids);
    expect(await textsOf(lines.join('\n'), 'c')).toEqual(ids.map(() => 'text " 1234567890123456789, '));
    expect(await textsOf(`[${lines.join()}]`, 'a.b')).toEqual(ids);
    expect(await textsOf(`{"ids":[${ids}],"v":[[1,2],[3,4],[5,6],[7,8]]}`, 'ids')).toEqual(ids);
  });

  it('are text, numbers, or empty', async () => {
    expect(await textsOf('{"a":{"b":"x"}}\n{"a":{"b":7}}\n{"a":{"b":null}}\n', 'a.b')).toEqual(['x', '7', '']);
    await expect(textsOf('{"a":"x"}\n{"a":[1]}\n', 'a')).rejects.toThrow(
      saying(new FormatError('rows.jsonl', 10, 'line 2, field "a": expected text, got an array')),
    );
    await expect(textsOf('{"a":"x"}\n{"b":1}\n', 'a')).rejects.toThrow(
      saying(new FormatError('rows.jsonl', 10, 'line 2, field "a": expected text, got nothing')),
    );
  });
});

describe('errors', () => {
  it.each([
    ['7', 'expected an array or an object, got 7'],
    ['[]', 'no rows'],
    ['{}', 'no rows'],
  ])('of %j as a whole', async (text, message) => {
    await expect(rowsOf(text)).rejects.toThrow(saying(new FormatError('rows.jsonl', 'whole', message)));
  });

  it.each<[text: string, offset: number, message: string]>([
    ['', 0, 'no rows'],
    [' \n\r\n', 4, 'no rows'],
    ['\ufeff\n[1,\n', 4, 'not valid JSON: the text ends within a value'],
    ['[1]\n[x]\n', 4, 'line 2: not valid JSON'],
    ['[1,2]\n\n[3]\n', 7, 'line 3: expected 2 numbers, got 1'],
    ['[1,2]\n[3,"x"]\n', 6, 'line 2: expected a number as element 2, got "x"'],
    ['[1,2]\n[1,[2]]\n', 6, 'line 2: expected a number as element 2, got an array'],
    ['{"v":[1,2]}\n{"v":[1,2],"v":[3,4]}\n', 27, 'line 2, field "v": the field "v" occurs twice'],
    ['{"v":[1,2]}\n{"v":7}\n', 12, 'line 2, field "v": expected an array of numbers, got 7'],
    [
      '{"v":[1,2]}\n{"w":1}\n',
      12,
      "row 1 (line 2) has no vector in \"v\"; leave such rows out with nulls: 'skip', or take them as zero vectors with nulls: 'zero'",
    ],
    ['[1,2]\n]', 6, 'line 2: not valid JSON'],
    [
      '{"v":[1,2]}\n{"v":[1,2]}{"v":[3,4]}\n',
      23,
      'line 2, field "v": not valid JSON: expected a new line before the next value',
    ],
    ['{"v":[1,2]}\n{"v":[1,2]} x', 24, 'line 2, field "v": not valid JSON: expected the end of the line after the value'],
    ['{"v":[1,2]}\n{"v":[1,2]}\0\0', 23, 'line 2, field "v": not valid JSON: expected the end of the line after the value'],
    ['[1,2]]', 5, "expected a value, got ']'"],
  ])('of %j', async (text, offset, message) => {
    await expect(rowsOf(text)).rejects.toThrow(saying(new FormatError('rows.jsonl', offset, message)));
    await expect(rowsOf(text)).rejects.toMatchObject({ offset, file: 'rows.jsonl' });
  });

  it('of nested arrays', async () => {
    await expect(rowsOf(`[1]\n${'['.repeat(2 ** 21)}`)).rejects.toThrow(
      saying(new FormatError('rows.jsonl', 4, 'line 2: more than 1048576 arrays and objects')),
    );
    await expect(rowsOf('['.repeat(2 ** 20))).rejects.toThrow(
      saying(new FormatError('rows.jsonl', 512, 'nested more than 512 deep')),
    );
  });

  it('of an endless line', async () => {
    await expect(rowsOf(new Uint8Array(65 * 2 ** 20).fill(0x20))).rejects.toThrow(
      saying(new FormatError('rows.jsonl', 16777216, 'expected JSON, got only blanks')),
    );
    const lines = `[1]\n[${' '.repeat(65 * 2 ** 20)}`;
    await expect(rowsOf(lines)).rejects.toThrow(
      saying(new FormatError('rows.jsonl', 4, 'line 2 is longer than 67108864 bytes', { advice: SHORTER })),
    );
  });

  /** What is read or refused, with the advice of the command line. */
  async function outcomeOf(text: string, memoryBudget: number): Promise<number | string> {
    try {
      return (await rowsOf(text, undefined, memoryBudget)).length;
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      const { bytes } = error;
      // The stated memory suffices.
      expect((await rowsOf(text, undefined, bytes)).length).toBeGreaterThan(0);
      return messageIn(error, COMMAND_WORDING);
    }
  }

  it('of records too long for the memory limit, naming one that suffices', async () => {
    const budget = 2 ** 23;
    const long = `{"t":"${'some words '.repeat(2 ** 19)}","v":[1,2]}`;
    expect(await outcomeOf(`${'{"v":[1,2]}\n'.repeat(9)}${long}\n`, budget)).toMatch(
      /^rows\.jsonl: byte 108: line 10 is longer than 2097152 bytes, all that the memory limit allows; pass --memory 177MiB or more/,
    );
    expect(await outcomeOf(`${long}\n${long}`, budget)).toMatch(/the first 4194304 bytes.*; pass --memory 353MiB or more/);
    expect(await outcomeOf(`[{"v":[1,2]},${long}]`, budget)).toMatch(/byte 13: a value is longer than 2097152 bytes/);
    const short = `{"t":"${'some words '.repeat(900)}","v":[1,2]}`;
    expect(await outcomeOf(`[${Array(1500).fill(short).join()}]`, budget)).toBe(1500);
    expect(await outcomeOf(Array(1500).fill(short).join('\n'), 1)).toBe(1500);
  });

  it.each<[text: string, column: string | undefined, message: string]>([
    [
      '{"a":[1],"b":[2]}',
      'c',
      'no column matches "c"; there are a (array of numbers, 1 number), b (array of numbers, 1 number)',
    ],
    ['{"a":{"b":[2]}}', 'a.c', 'no column matches "a.c"; there are a.b (array of numbers, 1 number)'],
    ['[1]', 'a', 'no column matches "a"; there are 1 (array of numbers, 1 number)'],
    [
      '{"a":[1],"b":[2],"c":["x"]}',
      undefined,
      "more than one part can be the rows: a (array of numbers, 1 number), b (array of numbers, 1 number); choose with column: 'a' or column: 'b'",
    ],
    [
      '{"id":1,"b":"x"}',
      undefined,
      'no column of vectors, and no run of floating-point columns such as d0, d1, d2; there are id (integer), b (text)',
    ],
  ])('of the column: %j, %j', async (text, column, message) => {
    await expect(rowsOf(text, column)).rejects.toThrow(saying(new ArgumentError('column', `rows.jsonl: ${message}`)));
  });

  it.each([
    '{"columns":["id","a"],"index":[0,1,2],"data":[[1,0.5],[2,0.5],[3,0.25]]}',
    '{"meta":[{"name":"id","type":"UInt8"},{"name":"a"}],"data":[[1,0.5],[2,0.5]]}',
    '{"columns":[{"name":"id"},{"name":"a"}],"rows":[["1",0.5],["2",0.5]]}',
    '{"id":[1,2,3],"d0":[0.5,1,2],"d1":[0.5,1,2],"d2":[0.5,1,2]}',
    '{"weight":[0.5,1],"emb":["[1,2]","[3,4]"]}',
    '{"id":{"0":1,"1":2,"2":3},"score":{"0":0.5,"1":0.25,"2":0.125}}',
    '{"0":{"v":"AACAPwAAAEAAAEBA","score":0.5},"1":{"v":"AACAPwAAAEAAAEBA","score":0.25}}',
    '{"score":{"0":0.5,"1":0.25,"2":0.125}}',
  ])('of a table: %s', async (text) => {
    await expect(rowsOf(text)).rejects.toThrow("orient='records'");
    await expect(rowsOf(text)).rejects.toBeInstanceOf(ArgumentError);
  });

  it('of a table, unless the lists are selected as rows', async () => {
    expect(await rowsOf('{"columns":["a","b"],"data":[[1,0.5],[2,0.5]]}', 'data[]')).toEqual([
      [1, 0.5],
      [2, 0.5],
    ]);
    const lists = '{"d0":[0.5,1],"d1":[2,1],"d2":[3,1]}';
    expect(await rowsOf(lists, '*')).toEqual([
      [0.5, 1],
      [2, 1],
      [3, 1],
    ]);
    await expect(rowsOf('["1",0.5,0.25]\n["2",0.5,0.25]')).rejects.toThrow(ArgumentError);
  });

  it.each([
    ['{"a":[1,2],"b":[3,4],"c":[5,6],"a":[7,8]}', 'the field "a" occurs twice'],
    ['[{"v":[1,2],"v":[3,4]},{"v":[3,4]}]', 'the field "v" occurs twice'],
    ['{"data":[{"embedding":[1,2],"embedding":[3,4]}]}', 'the field "embedding" occurs twice'],
    ['{"d0":1.5,"d1":2.5,"d2":1,"d0":3}\n{"d0":1.5,"d1":2.5,"d2":1.5}', 'line 1, field "d0": the field "d0" occurs twice'],
    ['{"index":1,"embedding":[1,2]}\n{"index":0,"embedding":[3,4]}', 'line 1 has the index 1; sort'],
    ['{"data":[{"index":1,"embedding":[1,2]},{"index":1,"embedding":[3,4]}]}', 'element 1 of "data" has the index 1'],
    ['{"data":[{"index":2,"embedding":[1,2]},{"index":0,"embedding":[3,4]}]}', 'element 1 of "data" has the index 2'],
    ['{"v":[1,2]}\n{"v":[1,null]}', 'line 2, field "v": element 2 is null; give it a number'],
    ['{"v":[1,2]}\n{"v":{}}', 'row 1 (line 2) has no vector in "v"'],
  ])('of repeated keys, numbers out of order and nulls: %s', async (text, message) => {
    await expect(rowsOf(text)).rejects.toThrow(message);
    await expect(rowsOf(text)).rejects.toBeInstanceOf(FormatError);
  });

  it.each([
    '{"e":[[1,2],[3,4]]}\n{"e":[[1,2],[3,4]]}',
    '[{"e":[[1,2],[3,4]]},{"e":[[1,2],[3,4]]}]',
    '[[1,2],[3,4]]\n[[1,2],[3,4]]',
  ])('of several vectors in a record: %s', async (text) => {
    await expect(rowsOf(text)).rejects.toThrow('a record holds several vectors');
    const name = text.startsWith('[{') ? '[].e[]' : text.startsWith('{') ? 'e[]' : '[]';
    expect(await rowsOf(text, name)).toEqual([
      [1, 2],
      [3, 4],
      [1, 2],
      [3, 4],
    ]);
  });

  it.each(['"error"', '[0.5]', '[0.5,null]'])('of vectors that are mixed with %s', async (odd) => {
    const lines = [`{"e":[0.5,1],"bbox":[1,2,3]}`, `{"e":[0.5,2],"bbox":[1,2,3]}`, `{"e":${odd},"bbox":[1,2,3]}`].join('\n');
    await expect(rowsOf(lines)).rejects.toThrow("choose with column: 'e' or column: 'bbox'");
    await expect(rowsOf(lines, 'e')).rejects.toThrow('line 3, field "e": ');
  });

  it('are the only outcome, whatever the damage', async () => {
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
