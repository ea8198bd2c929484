// Tables as text: exact values, every error with its place, cuts anywhere, and files of any damage.

import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '../../src/errors.js';
import { bytesInMemory } from '../../src/io/byte-source.js';
import { readCsv, readCsvText, readTsv, readTsvText } from '../../src/io/formats/csv.js';
import { RecordFault, RecordScanner } from '../../src/io/formats/csv-records.js';
import type { RowReader, RowStream, TextReader } from '../../src/io/row-reader.js';

const sourceOf = (text: string | Uint8Array) =>
  bytesInMemory(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'table.csv');

async function rowsOf(text: string | Uint8Array, column?: string, read: RowReader = readCsv): Promise<number[][]> {
  const stream = (await read(sourceOf(text), { column })) as RowStream;
  expect(stream).toMatchObject({ kind: 'stream', type: 'float32' });
  const rows: number[][] = [];
  for await (const block of stream.blocks()) {
    expect(block).toBeInstanceOf(Float32Array);
    expect(block.length % stream.depth).toBe(0);
    for (let at = 0; at < block.length; at += stream.depth) rows.push([...block.subarray(at, at + stream.depth)]);
  }
  return rows;
}

async function textsOf(text: string, column: string, read: TextReader = readCsvText): Promise<string[]> {
  const texts: string[] = [];
  for await (const some of read(sourceOf(text), column)) texts.push(...some);
  return texts;
}

describe('rows of a table', () => {
  it('are all numeric columns, with a line of names and without', async () => {
    const rows = [[1, -0.5], [3e-3, 4].map(Math.fround)];
    expect(await rowsOf('1,-.5\n3e-3,+4.\n')).toEqual(rows);
    expect(await rowsOf('a,name,b\n1,x,-.5\n3e-3,7,+4.')).toEqual(rows);
    expect(await rowsOf('a\tname\tb\n1\t"x,y"\t-.5\n3e-3\tz\t4\n', undefined, readTsv)).toEqual(rows);
  });

  it('are the named columns, in the order of the names', async () => {
    expect(await rowsOf('a,b,c\n1,2,3\n4,5,6\n', 'c,a')).toEqual([
      [3, 1],
      [6, 4],
    ]);
    expect(await rowsOf('a,"b,c"\n1,2\n', 'b,c')).toEqual([[2]]);
    expect(await rowsOf('1,2,3\n4,5,6\n', '3, 1')).toEqual([
      [3, 1],
      [6, 4],
    ]);
  });

  it('are the one column of JSON arrays', async () => {
    const rows = [
      [1, 2.5],
      [-3, 0],
    ];
    expect(await rowsOf('id,embedding\n1,"[1, 2.5]"\n2,"[-3,0]"\n')).toEqual(rows);
    expect(await rowsOf('"[1, 2.5]"\n"[-3,0]"\n')).toEqual(rows);
    expect(await rowsOf('[1, 2.5]\t7\n[-3,0]\ty\n', undefined, readTsv)).toEqual(rows);
    expect(await rowsOf('u,v\n"[1]","[2]"\n', 'v')).toEqual([[2]]);
  });

  it('have a byte order mark, any line ends, quotes and blank lines', async () => {
    const rows = [
      [1, 2],
      [3, 4],
    ];
    expect(await rowsOf('\ufeff"a","b"\r\n"1",2\r\n\r\n3,"4"\r\n\r\n')).toEqual(rows);
    expect(await rowsOf('\ufeff1,2\r3,4\r')).toEqual(rows);
    expect(await rowsOf('1, 2 \n3,4\r\n')).toEqual(rows);
  });

  it('may be not finite', async () => {
    expect(await rowsOf('nan,-INF,Infinity\n+NaN,inf,1e400\n')).toEqual([
      [Number.NaN, -Infinity, Infinity],
      [Number.NaN, Infinity, Infinity],
    ]);
  });

  it('are the same wherever pieces of the file end', async () => {
    const name = '„naïve“ 🐈\n'; // Of 1 to 4 bytes a character, with a line end.
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i},"${name.repeat(i % 3)}",${-i / 2}`);
    const text = `i,ñame,half\r\n${lines.join('\r\n')}`;
    expect(new TextEncoder().encode(text).length).toBeGreaterThan(2 ** 21);
    const rows = await rowsOf(text);
    expect(rows.length).toBe(lines.length);
    rows.forEach(([i, half], at) => {
      if (i !== at || half !== Math.fround(-at / 2)) expect([i, half]).toEqual([at, -at / 2]);
    });
    const names = await textsOf(text, 'ñame');
    expect(names.every((cell, i) => cell === name.repeat(i % 3))).toBe(true);
    expect(names.length).toBe(lines.length);
  });

  it('read back as csv-stringify wrote them', async () => {
    const row = fc.array(
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
      { minLength: 3, maxLength: 3 },
    );
    const rows = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), row), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), fc.boolean(), async (table, windows, bom) => {
        const options = { header: true, columns: ['name', 'x', 'y', 'z'], bom, record_delimiter: windows ? '\r\n' : '\n' };
        const text = stringify(
          table.map(([name, numbers]) => [name, ...numbers.map(String)]),
          options,
        );
        expect(await rowsOf(text, 'x,y,z')).toEqual(table.map(([, numbers]) => numbers));
        expect(await textsOf(text, 'name')).toEqual(table.map(([name]) => name));
        const arrays = stringify(table.map(([name, numbers]) => [name, JSON.stringify(numbers)]));
        expect(await rowsOf(`name,v\n${arrays}`, 'v')).toEqual(table.map(([, numbers]) => numbers));
      }),
      { numRuns: 100 },
    );
  });
});

describe('records', () => {
  /** As csv-parse finds them; undefined for what is none. */
  function byCsvParse(text: string, delimiter: string): string[][] | undefined {
    const record_delimiter = ['\r\n', '\n', '\r'];
    try {
      return parse(text, { delimiter, record_delimiter, relax_column_count: true, skip_empty_lines: true });
    } catch {
      return undefined;
    }
  }

  function found(text: string, delimiter: ',' | '\t', pieceBytes: number): string[][] | undefined {
    const records: string[][] = [];
    const scanner = new RecordScanner(delimiter, (cells) => records.push([...cells]));
    const bytes = new TextEncoder().encode(text);
    try {
      for (let at = 0; at < bytes.length; at += pieceBytes) scanner.take(bytes.subarray(at, at + pieceBytes), at);
      scanner.end();
      return records;
    } catch (error) {
      if (error instanceof RecordFault) return undefined;
      throw error;
    }
  }

  it('are those that csv-parse finds, of any text, wherever its pieces end', () => {
    const character = fc.constantFrom('"', '"', ',', '\t', '\n', '\r', '\r\n', '""', 'a', ' ', '1', 'é', '🐈');
    const text = fc.array(character, { maxLength: 30 }).map((characters) => characters.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom<',' | '\t'>(',', '\t'), fc.integer({ min: 1, max: 8 }), (table, delimiter, piece) => {
        expect(found(table, delimiter, piece)).toEqual(byCsvParse(table, delimiter));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('names of rows', () => {
  it('are a column by name, or by number with the first line', async () => {
    expect(await textsOf('name,x\n"a, b",1\n,2\n', 'name')).toEqual(['a, b', '']);
    expect(await textsOf('a\t1\nb\t2\n', '1', readTsvText)).toEqual(['a', 'b']);
    await expect(textsOf('a,b\n', 'c')).rejects.toThrow(new ArgumentError('column', 'table.csv: no column c; there are a, b'));
    await expect(textsOf('a,b\n1\n', 'a')).rejects.toThrow(new FormatError('table.csv', 4, 'line 2: expected 2 cells, got 1'));
  });
});

describe('errors', () => {
  it.each<[text: string, offset: number, message: string]>([
    ['', 0, 'no rows'],
    ['a,b\n', 4, 'no rows'],
    ['a,b\nx,y\n', 4, 'line 2: no column holds a number or a JSON array of numbers'],
    ['a,b\n1,2\n3,\n', 8, 'line 3, column "b": expected a number, got an empty cell'],
    ['\ufeffa,b\r\n1,2\r\n\r\nabc,4\r\n', 15, 'line 4, column "a": expected a number, got "abc"'],
    ['1,2\n0x10,3\n', 4, 'line 2, column "1": expected a number, got "0x10"'],
    ['1,2\n3, \n', 4, 'line 2, column "2": expected a number, got " "'],
    ['1,2\n3,4,5\n', 4, 'line 2: expected 2 cells, got 3'],
    ['"a\nb",c\n1,2\n3\n', 12, 'line 4: expected 2 cells, got 1'],
    ['v\n"[1,2]"\n"[1]"\n', 10, 'line 3, column "v": expected 2 numbers, got 1'],
    ['v\n"[1,2]"\n"[1,null]"\n', 10, 'line 3, column "v": element 2 is no number but nothing'],
    ['v\n"[1,2]"\n"[1,"\n', 10, 'line 3, column "v": not valid JSON'],
    ['v\n"[1,2]"\n7\n', 10, 'line 3, column "v": expected an array of numbers, got "7"'],
    ['1,2\n"3,4\n', 4, 'line 2: a quote is never closed'],
    ['1,2\n"3"4,5\n', 4, 'line 2: a cell goes on after its closing quote'],
    ['1,2\n3"4,5\n', 4, 'line 2: a quote inside a cell that does not begin with one'],
  ])('of %j', async (text, offset, message) => {
    await expect(rowsOf(text)).rejects.toThrow(new FormatError('table.csv', offset, message));
    await expect(rowsOf(text)).rejects.toMatchObject({ offset, file: 'table.csv' });
  });

  it('of more cells than make sense', async () => {
    await expect(rowsOf(','.repeat(2 ** 20 + 5))).rejects.toThrow(
      new FormatError('table.csv', 0, 'line 1: more than 1048576 cells'),
    );
  });

  it('of lines longer than make sense', async () => {
    await expect(rowsOf(new Uint8Array(2 ** 26 + 2 ** 20 + 1).fill(0x31))).rejects.toThrow(
      new FormatError('table.csv', 0, 'line 1: longer than 67108864 bytes'),
    );
  });

  it('of UTF-16', async () => {
    await expect(rowsOf(Uint8Array.of(0xff, 0xfe, 0x31, 0))).rejects.toThrow(
      new FormatError('table.csv', 0, 'text in UTF-16; expected UTF-8'),
    );
  });

  it.each<[text: string, column: string | undefined, message: string]>([
    ['a,b\n1,2\n', 'c', 'no column c; there are a, b'],
    ['a,b\n1,2\n', '1', 'no column 1; there are a, b'],
    ['1,2\n', '3', 'no column 3; there are 1 to 2, without names'],
    ['u,v\n"[1]","[2]"\n', undefined, 'several columns hold arrays of numbers: u, v; name one'],
    ['u,v\n"[1]",2\n', 'u,v', 'column u holds arrays of numbers; name it alone'],
  ])('of the column: %j, %j', async (text, column, message) => {
    await expect(rowsOf(text, column)).rejects.toThrow(new ArgumentError('column', `table.csv: ${message}`));
  });

  it('are all there is, whatever the damage', async () => {
    const whole = new TextEncoder().encode('\ufeffid,"v",é\r\n1,"[1, 2.5]",nan\r\n2,"[-3e1,0]",4\r\n');
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(...'",\n\r[]{}0é\u0000-')), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, character] of changes) if (at < length) bytes[at] = character.charCodeAt(0);
        for (const column of [undefined, 'v', 'id,é', '1']) {
          await rowsOf(bytes, column).catch((error) => {
            if (!(error instanceof FormatError || error instanceof ArgumentError)) throw error;
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
