// Text tables: exact values, every error with its position, pieces that end anywhere, and files with any damage.

import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '../../src/command-wording.js';
import { ArgumentError, FormatError, messageIn } from '../../src/errors.js';
import { bytesInMemory } from '../../src/io/bytes/byte-source.js';
import { MAX_NUMBER } from '../../src/io/columns/vector-text.js';
import { readCsv, readCsvText, readTsv, readTsvText } from '../../src/io/formats/csv.js';
import { COMMA, splitCells, TAB } from '../../src/io/formats/csv-cells.js';
import { RecordFault, RecordScanner } from '../../src/io/formats/csv-records.js';
import type { RowReader, RowStream, TextReader } from '../../src/io/rows/row-reader.js';
import { countWork } from '../fuzz/steps.js';
import { fc } from '../property.js';
import { saying } from './saying.js';

const sourceOf = (text: string | Uint8Array) =>
  bytesInMemory(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'table.csv');

type Options = Parameters<RowReader>[1];

/** Patterns with an optional character between two runs of digits take time that grows with the square of the digits. */
const QUADRATIC = /\\d[+*]\\?.\?\\d[+*]/;

async function streamOf(text: string | Uint8Array, options: Options = {}, read: RowReader = readCsv) {
  const stream = (await read(sourceOf(text), options)) as RowStream;
  expect(stream).toMatchObject({ kind: 'stream', type: 'float32' });
  const rows: number[][] = [];
  for await (const block of stream.blocks()) {
    expect(block).toBeInstanceOf(Float32Array);
    expect(block.length % stream.depth).toBe(0);
    for (let at = 0; at < block.length; at += stream.depth)
      rows.push([...(block as Float32Array).subarray(at, at + stream.depth)]);
  }
  return { rows, origin: stream.origin, labels: stream.labels, nulls: stream.nulls?.rows };
}

async function rowsOf(text: string | Uint8Array, column?: string, read: RowReader = readCsv): Promise<number[][]> {
  return (await streamOf(text, { column }, read)).rows;
}

const SHORTER = 'write shorter records, or store the vectors in .npy or Parquet';

/** The refusal as the command line words it. */
async function refusalOf(text: string | Uint8Array, options: Options = {}, read: RowReader = readCsv): Promise<string> {
  const error = await streamOf(text, options, read).catch((thrown: unknown) => thrown);
  if (!(error instanceof FormatError || error instanceof ArgumentError)) throw new Error(`expected a refusal, got ${error}`);
  return messageIn(error, COMMAND_WORDING);
}

async function textsOf(text: string, column: string, read: TextReader = readCsvText): Promise<string[]> {
  const texts: string[] = [];
  for await (const some of read(sourceOf(text), column)) texts.push(...some);
  return texts;
}

describe('rows of a table', () => {
  it('reads a first row of numbers of 1,500 characters as a row, not as names', async () => {
    const long = `0.25${'0'.repeat(1500)},-1.5${'0'.repeat(1500)}`;
    for (const below of [long, '0.5,1.5']) {
      const row = below === long ? [0.25, -1.5] : [0.5, 1.5];
      expect(await rowsOf(`${long}\n${below}\n${below}\n`)).toEqual([[0.25, -1.5], row, row]);
    }
  });

  const rows = [
    [1, -0.5],
    [Math.fround(3e-3), 4.5],
  ];

  it('are the run of floating-point columns, with or without a header', async () => {
    expect(await rowsOf('1,-.5\n3e-3,+4.5\n')).toEqual(rows);
    expect(await rowsOf('d0,d1\n1.,-.5\n3e-3,+4.50')).toEqual(rows);
    expect((await streamOf('d0\tname\td1\n1.0\t"x,y"\t-.5\n3e-3\tz\t4.5\n', {}, readTsv)).rows).toEqual(rows);
  });

  it('omit what does not belong to the run, and report it', async () => {
    const named = await streamOf('id,year,d0,d1,label\n7,2020,1.0,-.5,3\n8,2021,3e-3,4.5,1\n');
    expect(named).toMatchObject({ rows, origin: { from: 'columns d0,d1', notUsed: ['id', 'year', 'label'] } });
    const unnamed = await streamOf('7,1.0,-.5,0\n8,3e-3,4.5,1\n9,2.0,.5,2\n');
    expect(unnamed).toMatchObject({ rows: [...rows, [2, 0.5]], origin: { from: 'columns 2,3', notUsed: ['1', '4'] } });
    expect((await streamOf('1.0,-.5\n3e-3,4.5\n')).origin).toBeUndefined();
  });

  it.each([
    ['0.5,0.25,0.1 # a\n0.4,0.2,0.3 # b\n', 'column 3 holds text with numbers in it'],
    ['0.5,0.25,0.1f\n0.4,0.2,0.3f\n', 'column 3 holds text with numbers in it'],
    ['a (0.5, 0.25, 0.1, 0.7)\nb (0.5, 0.25, 0.1, 0.7)\n', 'column 1 holds text with numbers in it'],
    ['0.5,0.25,1\n0.1,0.2,0\n', 'choose with --column 1,2 or --column 1..3'],
    // With so few rows, a column can count from 0 or 1 and have different values by chance.
    ['0.5,0.25,0\n0.1,0.2,1\n', 'choose with --column 1,2 or --column 1..3'],
    ['7,0.5,0.25\n8,0.1,0.2\n', 'choose with --column 2,3 or --column 1..3'],
    ['nan,0.5,0.25\nnan,0.1,0.2\n', 'column 1 holds whole numbers or nothing but NaN'],
    ['a,nan,nan\nb,nan,nan\n', 'no column of vectors'],
    ['None,1\n"[0.5,1]",2\n"[0.5,2]",3\n', 'row 0 is null'],
    [',0\n"[0.5,1]",1\n"[0.5,2]",2\n', 'can be names of columns or a row'],
    ['v\n"[0.5,1]"\n\n"[0.5,2]"\n', 'row 1 is null'],
    ['v\r\n"[0.5,1]"\r\n"[0.5,2]"\r\n\r\n', 'row 2 is null'],
    ['v\n"[0,123456,-1,5]"\n"[2,5,0,25]"\n', 'lists whose commas may be decimal commas'],
    ['v\n"[-0,5,1,5]"\n"[2,5,0,25]"\n', 'lists whose commas may be decimal commas'],
    ['1,14.2,2.8,1065\n1,13.2,2.6,1050\n', 'choose with --column 2,3 or --column 1..4'],
    ['id,vec,bbox\n1,"[0.1,0.2]","[1,2,3]"\n2,error,"[1,2,3]"\n', '--column vec or --column bbox'],
    ['id,vec,bbox\n1,"[0.1,0.2]","[1,2,3]"\n2,"[0.1]","[1,2,3]"\n', '--column vec or --column bbox'],
    ['id,vec,bbox\n1,"[0.1 ... 0.2]","[1,2,3]"\n2,"[0.1 ... 0.2]","[1,2,3]"\n', 'arrays that were cut'],
    ['id,vec\n1,"[0.1,0.2]"\n2,error\n', 'line 3, column "vec": expected a vector, got "error"'],
    ['id;vec\n1;[0,5, 0,25]\n2;[0,5, 0,75]\n', 'lists whose commas may be decimal commas'],
    ['id;w;vec\n1;0,5;[0,5, 1]\n2;1,5;[0,5, 2]\n', 'lists whose commas may be decimal commas'],
    ['d0,d1\n0.5,0.2\nnan,nan\n', 'row 1 is null'],
  ])('are refused if some may be lost: %j', async (text, message) => {
    expect(await refusalOf(text)).toContain(message);
  });

  it('are complete if one cell is quoted around all of it', async () => {
    expect(await rowsOf('"0.5 0.25 1.5"\n"1.5 2.5 0.5"\n')).toEqual([
      [0.5, 0.25, 1.5],
      [1.5, 2.5, 0.5],
    ]);
  });

  it.each([
    'name,0.1,0.2,0.3\na,.5,.25,.5\nb,.75,.5,1.5\n',
    'label,0,1,2\na,.5,.25,.5\nb,.75,.5,1.5\n',
    '"","label","1","2","3"\n"1","a",.5,.25,.5\n"2","b",.75,.5,1.5\n',
    ',0,1,2\n0,.5,.25,.5\n1,.75,.5,1.5\n',
  ])('follow names that are numbers: %j', async (text) => {
    expect((await streamOf(text)).rows).toHaveLength(2);
  });

  it('are not taken from a line of names that are numbers with points', async () => {
    expect(await refusalOf('id,400.5,401.0,401.5\n1,0.5,0.2,0.3\n2,0.1,0.2,0.3\n')).toContain('use --column 400.5..401.5');
    expect(await refusalOf('dish,400.5,401.0,401.5\na,0.5,0.2,0.3\nb,0.1,0.2,0.3\n')).toContain(
      'can be names of columns or a row',
    );
    expect(await refusalOf('t,0.0,1.0,2.0\n0,.1,.2,.3\n1,.1,.2,.4\n')).toContain('there are t (integer), 0.0 (float)');
  });

  it.each([
    ['a name of a million digits', `${'1'.repeat(1e6)}x,a\n0.5,0.2\n0.1,0.3\n`, 'no column of vectors'],
    ['sparse vectors of a million elements', `v\n${'"{1:0.5}/1000000"\n'.repeat(1000)}`, 'v (text)'],
    ['300,000 columns', `${'0.5,'.repeat(3e5)}1\n`.repeat(3), 'more than 66560 cells'],
    ['a list of 500,000 commas', `v\n"tensor([${', '.repeat(5e5)}])"\n`, 'v (text)'],
  ])('take time in proportion to the file if it has %s', async (_, text, refusal) => {
    const { exec } = RegExp.prototype;
    RegExp.prototype.exec = function (tested) {
      if (tested.length > MAX_NUMBER && exec.call(QUADRATIC, this.source))
        throw new Error(`${tested.length} characters for ${this}`);
      return exec.call(this, tested);
    };
    let found = '';
    const { steps } = await countWork(async () => {
      found = await refusalOf(text);
    }).finally(() => {
      RegExp.prototype.exec = exec;
    });
    expect(found).toContain(refusal);
    expect(steps).toBeLessThan(2 ** 20 + 64 * text.length);
  });

  it('are the selected columns, in the order of the selection', async () => {
    expect(await rowsOf('a,b,c\n1,2,3\n4,5,6\n', 'c,a')).toEqual([
      [3, 1],
      [6, 4],
    ]);
    expect((await streamOf('1,2,3\n4,5,6\n', { column: '2..3', header: false })).rows).toEqual([
      [2, 3],
      [5, 6],
    ]);
  });

  it('may have a byte order mark, any line ends, quotes and blank lines', async () => {
    const read = [
      [1, 2.5],
      [3, 4.5],
    ];
    expect(await rowsOf('\ufeff"d0","d1"\r\n"1.0",2.5\r\n\r\n3,"4.5"\r\n\r\n')).toEqual(read);
    expect(await rowsOf('\ufeff1.0,2.5\r3,4.5\r')).toEqual(read);
    expect(await rowsOf('1.0, 2.5 \n   \n3,4.5\r\n')).toEqual(read);
  });

  it('may be not finite', async () => {
    expect(await rowsOf('nan,-INF,Infinity\n+1.5,inf,1e400\n')).toEqual([
      [Number.NaN, -Infinity, Infinity],
      [1.5, Infinity, Infinity],
    ]);
  });

  it.each<[name: string, text: string, nulls: number[]]>([
    ['an element', 'd0,d1\n1.0,-.5\n,2.5\n3e-3,4.5\n1,NA\n', [1, 3]],
    ['the first element', 'd0,d1\n,1.5\n1.0,-.5\n3e-3,4.5\n', [0]],
    ['the first element without names', ',1.5\n1.0,-.5\n3e-3,4.5\n', [0]],
    ['the first vector beside another number', 'v,score\n,0\n"[1.0, -.5]",1\nNULL,2\n"[3e-3, 4.5]",3\n', [0, 2]],
  ])('are null if %s is, and treated by the policy', async (_, text, nulls) => {
    expect(await streamOf(text, { nulls: 'skip' })).toMatchObject({ rows, nulls });
    const zero = await streamOf(text, { nulls: 'zero' });
    expect(zero).toMatchObject({ nulls });
    expect(nulls.map((row) => zero.rows[row])).toEqual(nulls.map(() => [0, 0]));
    expect(await refusalOf(text)).toContain(`row ${nulls[0]} is null; leave such rows out with --nulls skip`);
  });

  it('are the same wherever pieces of the file end', async () => {
    const name = '„naïve“ 🐈\n'; // 1 to 4 bytes per character, with a line end.
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i},"${name.repeat(i % 3)}",${-i / 2}`);
    const text = `i,ñame,half\r\n${lines.join('\r\n')}`;
    expect(new TextEncoder().encode(text).length).toBeGreaterThan(2 ** 21);
    const read = await rowsOf(text, 'i,half');
    expect(read.length).toBe(lines.length);
    read.forEach(([i, half], at) => {
      if (i !== at || half !== Math.fround(-at / 2)) expect([i, half]).toEqual([at, -at / 2]);
    });
    const names = await textsOf(text, 'ñame');
    expect(names.every((cell, i) => cell === name.repeat(i % 3))).toBe(true);
    expect(names.length).toBe(lines.length);
  });

  it('are read back as csv-stringify wrote them', async () => {
    const row = fc.array(
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
      { minLength: 3, maxLength: 3 },
    );
    const tables = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), row), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(tables, fc.boolean(), fc.boolean(), async (table, windows, bom) => {
        const options = { header: true, columns: ['name', 'x', 'y', 'z'], bom, record_delimiter: windows ? '\r\n' : '\n' };
        const text = stringify(
          table.map(([name, numbers]) => [name, ...numbers.map(String)]),
          options,
        );
        expect((await streamOf(text, { column: 'x,y,z', header: true })).rows).toEqual(table.map(([, numbers]) => numbers));
        expect(await textsOf(text, 'name')).toEqual(table.map(([name]) => name));
        const arrays = stringify(table.map(([name, numbers]) => [name, JSON.stringify(numbers)]));
        expect((await streamOf(`name,v\n${arrays}`, { header: true })).rows).toEqual(table.map(([, numbers]) => numbers));
      }),
      { numRuns: 100 },
    );
  });
});

describe('records', () => {
  /** Returns what csv-parse finds; undefined for anything else. */
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
    const separator = delimiter === ',' ? COMMA : TAB;
    const scanner = new RecordScanner(separator, (record, start, end) =>
      records.push(splitCells(record, start, end, separator)),
    );
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

  it('match those of csv-parse for any text, wherever its pieces end', () => {
    const character = fc.constantFrom('"', '"', ',', '\t', '\n', '\r', '\r\n', '""', 'a', ' ', '1', 'é', '🐈');
    const text = fc.array(character, { maxLength: 30 }).map((characters) => characters.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom<',' | '\t'>(',', '\t'), fc.integer({ min: 1, max: 8 }), (table, delimiter, piece) => {
        const records = found(table, delimiter, piece);
        expect(records).toEqual(found(table, delimiter, table.length * 4 + 1));
        // csv-parse returns lines of blanks as records, and refuses a quote inside a cell, which is a character here.
        const visible = (each: readonly string[][] | undefined) =>
          each?.filter((cells) => cells.length > 1 || !/^[ \t]*$/.test(cells[0] as string));
        const expected = visible(byCsvParse(table, delimiter));
        if (expected) expect(visible(records)).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('keep a quote inside a cell as a character', () => {
    expect(found('a"b,c""\nd, "e"\n', ',', 3)).toEqual([
      ['a"b', 'c""'],
      ['d', ' "e"'],
    ]);
  });
});

describe('names of rows', () => {
  it('are a column by name, or by number', async () => {
    expect(await textsOf('name,x\n"a, b",1\n,2\n', 'name')).toEqual(['a, b', '']);
    expect(await textsOf(',title\n0,a\n1,b\n', 'title')).toEqual(['a', 'b']);
    expect(await textsOf(',title\n7,a\n4,b\n', 'title')).toEqual(['a', 'b']);
    expect(await textsOf('a\t1\nb\t2\n', '1', readTsvText)).toEqual(['a', 'b']);
    expect(await textsOf('id,name\n1,"a, b"\n2,c\n', '2')).toEqual(['a, b', 'c']);
    // Nothing distinguishes names from text, so the first line is included unless the column is selected by its name.
    expect(await textsOf('x,y\na,b\n', '2')).toEqual(['y', 'b']);
    await expect(textsOf('a,b\n', 'c')).rejects.toThrow(
      saying(new ArgumentError('column', 'table.csv: no column c; there are a, b')),
    );
    await expect(textsOf('a,b\n1,x\n2,y\n3\n', 'a')).rejects.toThrow(
      saying(new FormatError('table.csv', 12, 'line 4: expected 2 cells, got 1')),
    );
  });
});

describe('errors', () => {
  it.each<[text: string, offset: number, message: string]>([
    ['', 0, 'no rows'],
    ['a,b\n', 4, 'no rows below the line of names; header: false makes that line a row'],
    ['\n \n', 3, 'no rows'],
    ['1.5,2.5\n3.5,4,5\n2.5,1\n', 8, 'line 2: expected 2 cells, got 3'],
    ['"d0","d1"\n1.5,2.5\n3.5\n2.5,3.5\n', 18, 'line 3: expected 2 cells, got 1'],
    ['d0,d1,"a\nb"\n1.5,2.5,x\n3.5\n2.5,3.5,x\n', 22, 'line 4: expected 3 cells, got 1'],
    ['1,2\n"3,4\n', 4, 'line 2: a quote is never closed'],
    ['1,2\n"3"4,5\n', 4, 'line 2: a cell continues after its closing quote'],
    [
      'Report of May\n\nid,d0,d1\n1,0.5,0.25\n2,1.5,2\n',
      0,
      'line 1: 1 cell where the lines below have 3; remove what stands above the table',
    ],
    ['w 0.5 1.5\nx 1.5 2.5 0.5\ny 2 3\n', 10, 'line 2: expected a token and 2 numbers, got "1.5" before them'],
    ['3 2\nw 0.5 1\nx 1.5 2.5\n', 22, 'the first line says 3 vectors, the file holds 2; it may be cut'],
  ])('of %j', async (text, offset, message) => {
    await expect(rowsOf(text)).rejects.toThrow(saying(new FormatError('table.csv', offset, message)));
    await expect(rowsOf(text)).rejects.toMatchObject({ offset, file: 'table.csv' });
  });

  it.each<[last: string, message: string]>([
    ['x,2.5', 'column "d0": expected a number, got "x"'],
    ['0x10,3', 'column "d0": expected a number, got "0x10"'],
    ['1_000,3', 'column "d0": expected a number, got "1_000"'],
    ['"1,000.5",3', 'column "d0": expected a number, got "1,000.5"'],
    [' "x', 'column "d0": expected a number, got "\\"x"'],
    ['1, "2""', 'column "d1": expected a number, got "2\\""'],
    [`"0.${'1'.repeat(1500)}",3`, 'column "d0": expected a number of at most 1000 characters, got one of 1502'],
    [`"${'1'.repeat(2 ** 22)}",3`, 'column "d0": expected a number, got a cell of 4194306 bytes'],
    ['2.5', 'expected 2 cells, got 1'],
  ])('of a row far below the sample: %s', async (last, message) => {
    const head = `d0,d1\n${'0.5,1.5\n'.repeat(3000)}`;
    const where = message.startsWith('column') ? 'line 3002, ' : 'line 3002: ';
    await expect(rowsOf(head + last)).rejects.toThrow(saying(new FormatError('table.csv', head.length, where + message)));
  });

  it('of a number in the sample that is too long to be parsed', async () => {
    await expect(rowsOf(`d0,d1\n1.5,2.5\n"0.${'1'.repeat(1500)}",3.5\n`)).rejects.toThrow(
      'line 3, column "d0": expected a number of at most 1000 characters, got one of 1502',
    );
  });

  it.each<[last: string, message: string]>([
    ['"[1]"', 'expected 2 numbers, got 1'],
    ['"[1,null]"', 'expected a vector, got "[1,null]"'],
    ['"[1,"', 'expected a vector, got "[1,"'],
    ['7', 'expected a vector, got "7"'],
    ['"[1 ... 2]"', "an array that was cut ('...') when it was printed"],
  ])('of a vector far below the sample: %s', async (last, message) => {
    const head = `id,v\n${'7,"[1,2]"\n'.repeat(3000)}`;
    await expect(rowsOf(`${head}8,${last}\n`)).rejects.toThrow(
      saying(new FormatError('table.csv', head.length, `line 3002, column "v": ${message}`)),
    );
  });

  it('shortens long names of columns', async () => {
    const error = await rowsOf(`${'a'.repeat(5000)},b\nx,y\nz,w\n`).catch((error: Error) => error);
    expect((error as Error).message).toContain(`there are ${'a'.repeat(80)}… (text), b (text)`);
  });

  it('of too many cells', async () => {
    await expect(rowsOf(','.repeat(2 ** 17))).rejects.toThrow(
      saying(new FormatError('table.csv', 0, 'line 1: more than 66560 cells')),
    );
  });

  it('of lines that are too long', async () => {
    await expect(rowsOf(new Uint8Array(2 ** 26 + 2 ** 20 + 1).fill(0x31))).rejects.toThrow(
      saying(new FormatError('table.csv', 0, 'line 1: longer than 67108864 bytes', { advice: SHORTER })),
    );
  });

  it.each<[text: string, column: string | undefined, message: string]>([
    ['a,b\n1.5,2\n', 'c', 'no column matches "c"; there are a (float), b (integer)'],
    ['1.5,2.5\n', '3', 'no column matches "3"; there are 1 (float), 2 (float)'],
    [
      'u,v\n"[1]","[2]"\n',
      undefined,
      "more than one part can be the rows: u (text, 1 number), v (text, 1 number); choose with column: 'u' or column: 'v'",
    ],
    ['u,v\n"[1]",2\n', 'u,v', 'column u holds whole vectors; select it alone'],
    [
      'id,x\n1,a\n',
      'id',
      'column id holds integer, one number a row; expected a vector: select a column of vectors, or several columns of numbers',
    ],
  ])('of the column: %j, %j', async (text, column, message) => {
    await expect(rowsOf(text, column)).rejects.toThrow(saying(new ArgumentError('column', `table.csv: ${message}`)));
  });

  it('are the only outcome, whatever the damage', async () => {
    const whole = new TextEncoder().encode('\ufeffid,"v",é\r\n1,"[1, 2.5]",nan\r\n2,"[-3e1,0]",4\r\n');
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(...'",\n\r[]{}0é\u0000-')), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, character] of changes) if (at < length) bytes[at] = character.charCodeAt(0);
        for (const column of [undefined, 'v', 'id,é', '1..3']) {
          await rowsOf(bytes, column).catch((error) => {
            if (!(error instanceof FormatError || error instanceof ArgumentError)) throw error;
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
