// Text tables as real tools write them: separators, decimal commas, headers, titles, labels, encodings. Each is read correctly or refused.

import { describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '../../src/command-wording.js';
import { ArgumentError, FormatError, messageIn } from '../../src/errors.js';
import { bytesInMemory } from '../../src/io/bytes/byte-source.js';
import { readCsv, readTsv, readTxt } from '../../src/io/formats/csv.js';
import { readWord2vec } from '../../src/io/formats/word2vec.js';
import type { ReadOptions, RowReader, RowStream } from '../../src/io/rows/row-reader.js';

const READERS = { csv: readCsv, tsv: readTsv, txt: readTxt, bin: readWord2vec } satisfies Record<string, RowReader>;
type Extension = keyof typeof READERS;

interface Table {
  readonly rows: number[][];
  readonly labels: readonly string[] | undefined;
  readonly notUsed: readonly string[];
}

async function read(text: string | Uint8Array, extension: Extension = 'csv', options: ReadOptions = {}): Promise<Table> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const stream = (await READERS[extension](bytesInMemory(bytes, `t.${extension}`), options)) as RowStream;
  const rows: number[][] = [];
  for await (const block of stream.blocks()) {
    const values = Array.from(block);
    for (let at = 0; at < values.length; at += stream.depth) rows.push(values.slice(at, at + stream.depth));
  }
  return { rows, labels: stream.labels, notUsed: stream.origin?.notUsed ?? [] };
}

async function refusal(text: string | Uint8Array, extension: Extension = 'csv', options: ReadOptions = {}): Promise<string> {
  const result = await read(text, extension, options).catch((thrown: unknown) => thrown);
  if (result instanceof FormatError || result instanceof ArgumentError) return messageIn(result, COMMAND_WORDING);
  throw new Error(`expected a refusal, got ${JSON.stringify(result)}`);
}

const ROWS = [
  [0.5, -1.5],
  [2, 3.25],
];

describe('a separator', () => {
  it.each<[what: string, text: string, extension: Extension]>([
    ['commas', 'd0,d1\n0.5,-1.5\n2,3.25\n', 'csv'],
    ['semicolons', 'd0;d1\n0.5;-1.5\n2;3.25\n', 'csv'],
    ['tabs', 'd0\td1\n0.5\t-1.5\n2\t3.25\n', 'csv'],
    ['commas in .tsv', 'd0,d1\n0.5,-1.5\n2,3.25\n', 'tsv'],
    ['bars', 'd0|d1\n0.5|-1.5\n2|3.25\n', 'csv'],
    ['blanks', '0.5 -1.5\n2 3.25\n', 'csv'],
    ['several blanks, and some around', '  0.5  -1.5 \n 2.0   3.25\n', 'txt'],
    ['a comma and a blank', '0.5, -1.5\n2, 3.25\n', 'txt'],
    ["Excel's first line", 'sep=;\nd0;d1\n0.5;-1.5\n2;3.25\n', 'csv'],
    ['semicolons with decimal commas', 'd0;d1\n0,5;-1,5\n2;3,25\n', 'csv'],
    ['semicolons with decimal commas and no header', '0,5;-1,5\n2;3,25\n', 'csv'],
    ['decimal commas with exponents', '5e-1;-1,5e0\n2;3,25e0\n', 'csv'],
    ['tabs with decimal commas', '0,5\t-1,5\n2\t3,25\n', 'txt'],
    ['the end of each line, too', '0.5,-1.5,\n2,3.25,\n', 'csv'],
    ['the end of each row, not of the header', 'd0,d1\n0.5,-1.5,\n2,3.25,\n', 'csv'],
    ['the end of the header, not of the rows', 'd0,d1,\n0.5,-1.5\n2,3.25\n', 'csv'],
  ])('is found: %s', async (_, text, extension) => {
    expect((await read(text, extension)).rows).toEqual(ROWS);
  });

  it('does not divide lists in cells', async () => {
    const lists = [
      [0.5, 1, 2, 3],
      [1.5, 2, 3, 4],
    ];
    const texts = [
      '1\tx\t[0.5, 1, 2, 3]\n2\ty\t[1.5, 2, 3, 4]\n',
      '[0.5, 1, 2, 3]\n[1.5, 2, 3, 4]\n',
      'a;0.5,1,2,3\nb;1.5,2,3,4\n',
    ];
    for (const text of texts) expect((await read(text)).rows).toEqual(lists);
    for (const torn of ['1,[0.5, 1, 2, 3]\n2,[1.5, 2, 3, 4]\n', 'k,a,b,c,d\na[,[0.5, 1.5, 2, 3]\nb[,[1.5, 2.5, 3, 4]\n'])
      expect(await refusal(torn)).toContain('brackets open in one cell and close in another');
  });

  it('treats a bracket that no later cell closes as text', async () => {
    for (const name of ['(', '[', ']', '{', 'a)'])
      expect((await read(`name,v\n${name},"[0,0.5,0]"\n,"[0,0,0]"\n`)).rows).toEqual([
        [0, 0.5, 0],
        [0, 0, 0],
      ]);
  });

  it('between numbers with decimal commas, or around vectors, is refused', async () => {
    const text = Array.from({ length: 8 }, (_, row) => `${row * 37 + 5};0,${row}25;${row}.5\n`).join('');
    expect(await refusal(text)).toContain('cells may be separated by commas or by semicolons');
    const words = `
-0,000009171;5,302e-7;32b1-a0;11.2.2030
-0,000005079;-0,000005204;be07-27;9.8.1999
0,000006234;-0,000003431;6585-c7;1.12.2009
6,522e-7;-0,000006479;4c25-94;5.10.2019
-4,259e-9;8,089e-7;7ba2-66;2.6.2014
`.slice(1);
    expect(await refusal(words)).toContain('cells may be separated by commas or by semicolons');
    const vectors = Array.from({ length: 8 }, (_, row) => `${row * 37 + 5},0.${row}25;${row}.5\n`).join('');
    expect((await read(vectors)).rows[1]).toEqual([0.125, 1.5]);
  });

  it('of decimals that is unclear makes a run damaged, so that a list next to it is not used', async () => {
    const rows = Array.from({ length: 8 }, (_, row) => `0,${row}5;0,2${row};[${row},2,3];${row}.5`);
    expect(await refusal(['a0;a1;tokens;label', ...rows, ''].join('\n'))).toContain(
      'columns a0 to a1 may be the rows, but a0 holds numbers with commas, decimal or of thousands',
    );
    expect(await refusal([...rows, ''].join('\n'))).toContain(
      'columns 1 to 4 may be the rows, but 1 holds numbers with commas',
    );
  });

  it('is refused if two explain the file equally well, and its name does not decide', async () => {
    const text = '1,0.5|0.25|1\n2,1.5|2.5|3\n';
    expect(await refusal(text, 'txt')).toContain('cells may be separated by commas or by bars');
    expect((await read(text, 'csv')).rows).toEqual([
      [0.5, 0.25, 1],
      [1.5, 2.5, 3],
    ]);
  });

  it.each([
    ['d0;d1\n1,234;5,678\n7,123;8,500\n', 'd0 (numbers with commas, decimal or of thousands)'],
    ['id;d0;d1\n1;0,5;1.5\n2;1,5;2.5\n', 'd0 (numbers with commas, decimal or of thousands)'],
    ['d0;d1\n1.234,5;0,5\n2.345,5;1,5\n', 'd0 (numbers with commas, decimal or of thousands)'],
    ['id,price\n1,"1,000.5"\n2,"2,300.7"\n', 'price (numbers with commas, decimal or of thousands)'],
    ['d0,d1\n"1,000.5",0.5\n2.5,1.5\n', 'numbers and text such as "1,000.5"'],
    ['d0,d1\n1_000,0.5\n2.5,1.5\n', 'numbers and text such as "1_000"'],
    ['1_000,0.5,0.25\n2.5,1.5,2.5\n', 'can be names of columns or a row'],
  ])('of thousands is not part of a number: %j', async (text, message) => {
    expect(await refusal(text)).toContain(message);
  });
});

describe('lines that are not rows', () => {
  it('are comments if they do not have the cells of a row', async () => {
    expect((await read('# made by x, y, z\n#\nd0,d1\n0.5,-1.5\n# half\n2,3.25\n#end\n')).rows).toEqual(ROWS);
    expect((await read('# d0 d1\n0.5 -1.5\n2.0 3.25\n', 'txt')).rows).toEqual(ROWS);
    expect((await read('#d0,d1\n0.5,-1.5\n2,3.25\n')).rows).toEqual(ROWS);
    expect((await read('#a,0.5,-1.5\n#b,2.5,3.25\n')).labels).toEqual(['#a', '#b']);
  });

  it.each(['Report of May\n', 'Report of May\nby me\n\n', 'Report;of May\n', 'a,b,c\n'])(
    'are refused as titles: %j',
    async (title) => {
      expect(await refusal(`${title}id,n,d0,d1\n1,2,0.5,-1.5\n2,3,2,3.25\n`)).toMatch(
        /line 1: \d cells? where the lines below have 4; remove what stands above the table/,
      );
    },
  );

  it('are refused below the table', async () => {
    expect(await refusal('d0,d1\n0.5,-1.5\n2.5,3.25\nTotal: 2 rows\n')).toContain(
      'line 4, column "d0": expected a number, got "Total: 2 rows"',
    );
    expect(await refusal('n,d0,d1\nx,0.5,-1.5\ny,2.5,3.25\nTotal: 2 rows\n')).toContain('line 4: expected 3 cells, got 1');
  });
});

describe('the first line', () => {
  it.each<[what: string, text: string]>([
    ['names', 'd0,d1\n0.5,-1.5\n2,3.25\n'],
    ['names beside an index without one', ',d0,d1\n0,0.5,-1.5\n1,2,3.25\n'],
    ['numbers counting from 0 beside an index', ',0,1\n0,0.5,-1.5\n1,2.5,3.25\n'],
    ['numbers counting from 0 beside a name', 'id,0,1\n7,0.5,-1.5\n8,2.5,3.25\n'],
    ['years beside a name', 'id,2019,2020\n7,0.5,-1.5\n8,2.5,3.25\n'],
    ['one name less than columns, as R writes it', '"d0","d1"\n"a",0.5,-1.5\n"b",2.5,3.25\n'],
    ['the same between blanks', '"d0" "d1"\n"1" 0.5 -1.5\n"2" 2.5 3.25\n'],
  ])('names the columns: %s', async (_, text) => {
    expect((await read(text)).rows.length).toBe(2);
    expect((await read(text)).rows[0]).toEqual([0.5, -1.5]);
  });

  it('of counting numbers names the columns', async () => {
    for (const header of ['0,1,2', '1,2,3']) expect((await read(`${header}\n0.5,1.5,2.5\n3.5,4.5,5.5\n`)).rows.length).toBe(2);
  });

  it.each<[what: string, text: string]>([
    ['is of the types of the others', '0.5,-1.5\n2.5,3.25\n'],
    ['is a null row', ',1.5\n0.5,-1.5\n2.5,3.25\n'],
    ['is whole numbers among others', '0,1,2\n1,0,0.5\n0,0,1\n0.25,1,0\n'],
    ['comes again', '0,1,2\n0.5,1.5,2.5\n0,1,2\n'],
    ['is zeros', '<pad>,0,0,0,0\na,0.5,1.5,0.25,2.5\n'],
  ])('is a row if it %s', async (_, text) => {
    expect((await read(text, 'csv', { nulls: 'zero' })).rows.length).toBe(text.trimEnd().split('\n').length);
  });

  it.each(['0,1\n0.5,-1.5\n2.5,3.25\n', '2019,2020,2021\n0.5,1.5,2.5\n1.5,2.5,3.5\n', '0,1,2\n3,4,5\n6,7,8\n'])(
    'is refused if it can be either: %j',
    async (text) => {
      expect(await refusal(text)).toContain('can be names of columns or a row; choose with --header or --no-header');
      const [header, row] = await Promise.all(
        [true, false].map((value) => read(text, 'csv', { header: value, column: value ? '1..2' : '1..2' }).catch(String)),
      );
      expect(header).not.toEqual(row);
    },
  );

  it('is what the caller declares', async () => {
    const text = '1.5,2.5\n0.5,-1.5\n2.5,3.25\n';
    expect((await read(text, 'csv', { header: true, column: '1.5,2.5' })).rows.length).toBe(2);
    expect((await read(text, 'csv', { header: false })).rows.length).toBe(3);
  });
});

describe('labels', () => {
  it.each<[text: string, extension: Extension, labels: string[]]>([
    ['a,0.5,-1.5\nb c,2,3.25\n', 'csv', ['a', 'b c']],
    ['0.5,-1.5,setosa\n2,3.25,"x, y"\n', 'csv', ['setosa', 'x, y']],
    ['a\t0.5\t-1.5\n"b\t2\t3.25\n'.replace('"', ''), 'tsv', ['a', 'b']],
    ['w,"[0.5, -1.5]"\nx,"[2, 3.25]"\n', 'csv', ['w', 'x']],
    ['the 0.5 -1.5\n" 2.0 3.25\n', 'txt', ['the', '"']],
    ['the 0.5 -1.5\n, 2.0 3.25\n', 'txt', ['the', ',']],
    ['2 2\nthe 0.5 -1.5 \n# 2 3.25 \n', 'txt', ['the', '#']],
    ['2 2\n17 0.5 -1.5\n3 2 3.25\n', 'txt', ['17', '3']],
    ['2 2\r\n</s> 0.5 -1.5\r\nnaïve 2 3.25\r\n', 'bin', ['</s>', 'naïve']],
  ])('accompany the rows in %j', async (text, extension, labels) => {
    expect(await read(text, extension)).toMatchObject({ rows: ROWS, labels, notUsed: [] });
  });

  it('may contain blanks and hash signs', async () => {
    const text = '. . . 0.5 -1.5\n# 2.0 3.25\nthe 0.5 1.5\n';
    expect((await read(text, 'txt')).labels).toEqual(['. . .', '#', 'the']);
  });

  it('are not read if several columns could be labels, or the column has a name', async () => {
    expect(await read('x,a,0.5,-1.5\ny,b,2,3.25\n')).toEqual({ rows: ROWS, labels: undefined, notUsed: ['1', '2'] });
    expect(await read('name,d0,d1\na,0.5,-1.5\nb,2,3.25\n')).toEqual({ rows: ROWS, labels: undefined, notUsed: ['name'] });
  });

  it('do not hide an extra number', async () => {
    const text = 'w 0.5 1.5\nx 1.5 2.5 0.5\ny 2.5 3\n';
    expect(await refusal(text, 'txt')).toContain('line 2: expected a token and 2 numbers, got "1.5" before them');
    expect(await refusal('w 0.5 1.5\nx 2.5\ny 2.5 3\n', 'txt')).toContain('line 2: expected 3 cells, got 2');
  });

  it('ignore columns that were integers or empty in the sample, and refuse other values there', async () => {
    const rows = Array.from({ length: 2000 }, (_, row) => `${row},0.5,1.5,\n`).join('');
    expect((await read(rows)).notUsed).toEqual(['1']);
    expect(await refusal(`${rows}1.5,0.5,1.5,\n`)).toContain(
      'line 2001, column "1": got "1.5"; the column held whole numbers only',
    );
    expect(await refusal(`${rows}1,0.5,1.5,7\n`)).toContain('line 2001, column "4": got "7"; the column was empty further up');
  });
});

describe('the encoding', () => {
  const text = 'naïve,0.5,-1.5\r\n“x”,2,3.25\r\n';
  const expected = { rows: ROWS, labels: ['naïve', '“x”'] };

  it('is UTF-8, or UTF-16 with a mark, in either order', async () => {
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(await read(text)).toMatchObject(expected);
    expect(await read(`\ufeff${text}`)).toMatchObject(expected);
    expect(await read(new Uint8Array(little))).toMatchObject(expected);
    expect(await read(new Uint8Array(Buffer.from(little).swap16()))).toMatchObject(expected);
    expect(await refusal(new Uint8Array(Buffer.from(text, 'utf16le')))).toContain('UTF-16 without a byte order mark');
  });

  it('is Latin-1 if it is not UTF-8', async () => {
    const latin = Uint8Array.from(text.replace('“', '\x93').replace('”', '\x94'), (character) => character.charCodeAt(0));
    expect(await read(latin)).toMatchObject(expected);
  });

  it('of a long text is decoded across pieces', async () => {
    const lines = Array.from({ length: 40_000 }, (_, row) => `é${row};${row}.5;0.25\n`);
    const { rows, labels } = await read(new Uint8Array(Buffer.from(`\ufeff${lines.join('')}`, 'utf16le')));
    expect(rows.length).toBe(lines.length);
    expect(rows.every(([first], row) => first === row + 0.5)).toBe(true);
    expect(labels?.every((label, row) => label === `é${row}`)).toBe(true);
  });
});

describe('word2vec files', () => {
  function binary(words: readonly string[], vectors: readonly (readonly number[])[], ends: string, promised = words.length) {
    const parts = words.map((word, i) =>
      Buffer.concat([
        Buffer.from(`${word} `),
        Buffer.from(Float32Array.from(vectors[i] as number[]).buffer),
        Buffer.from(ends),
      ]),
    );
    return new Uint8Array(Buffer.concat([Buffer.from(`${promised} ${vectors[0]?.length}\n`), ...parts]));
  }

  it.each(['', '\n'])('are read as words and float32, each ended by %j', async (ends) => {
    expect(await read(binary(['</s>', 'naïve'], ROWS, ends), 'bin')).toEqual({
      rows: ROWS,
      labels: ['</s>', 'naïve'],
      notUsed: [],
    });
  });

  it('are read across pieces', async () => {
    const words = Array.from({ length: 30_000 }, (_, row) => `w${row}`);
    const vectors = words.map((_, row) => Array.from({ length: 20 }, (__, i) => row + i / 32));
    const { rows, labels } = await read(binary(words, vectors, '\n'), 'bin');
    expect(labels).toEqual(words);
    expect(rows.every((row, at) => row.every((value, i) => value === vectors[at]?.[i]))).toBe(true);
  });

  it.each<[bytes: Uint8Array, message: string]>([
    [binary(['a', 'b'], ROWS, '', 3), 'byte 24: the first line says 3 vectors, the file ends in number 3; it may be cut'],
    [binary(['a', 'b'], ROWS, '', 1), '10 bytes follow the 1 vectors that the first line says'],
    [binary(['a', 'b'], ROWS, '').subarray(0, 20), 'the file ends in number 2'],
    [Uint8Array.from(Buffer.from('9 16000000\na \0\0\0\0')), '16000000 numbers a row, more than the file holds'],
    [Uint8Array.from(Buffer.from('9 99999999\na \0\0\0\0')), 'expected 1 to 16777216 numbers in a row, got 99999999'],
    [Uint8Array.from(Buffer.from('hello\0')), 'expected a first line with the number of words and the number of dimensions'],
    [new Uint8Array(Uint32Array.of(793712314, 12).buffer), 'a fastText model'],
  ])('are refused: %#', async (bytes, message) => {
    expect(await refusal(bytes, 'bin')).toContain(message);
  });

  it('of text are refused if lines are missing', async () => {
    expect(await refusal('3 2\na 0.5 -1.5\nb 2 3.25\n', 'txt')).toContain(
      'the first line says 3 vectors, the file holds 2; it may be cut',
    );
  });
});

describe('vectors in cells', () => {
  const floats = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const values = Array.from({ length: 6 }, (_, row) =>
    Array.from({ length: 8 }, (__, i) => Math.fround(Math.sin(8 * row + i))),
  );
  /** A BLOB as DuckDB writes it to text. */
  const blobText = (bytes: Buffer) =>
    bytes
      .toString('latin1')
      .replace(/[^ !#-&(-[\]-~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  const table = (cell: (row: number[]) => string, columns: string[] = ['id', 'v']) =>
    `${columns.join(',')}\n${values.map((row, id) => `${id},"${cell(row).replaceAll('"', '""')}"\n`).join('')}`;

  it.each<[what: string, cell: (row: number[]) => string]>([
    ['JSON', (row) => JSON.stringify(row)],
    ['a tuple', (row) => `(${row.join(', ')})`],
    ['PostgreSQL', (row) => `{${row.join(',')}}`],
    ['NumPy on several lines', (row) => `[ ${row.slice(0, 4).join('  ')}\n  ${row.slice(4).join(' ')} ]`],
    ['NumPy 2', (row) => `[${row.map((x) => `np.float32(${x})`).join(', ')}]`],
    ['a tensor', (row) => `tensor([${row.join(', ')}], dtype=torch.float64)`],
    ['bars', (row) => row.join('|')],
    ['base64', (row) => floats(Float32Array.from(row)).toString('base64')],
    ['bytea', (row) => `\\x${floats(Float32Array.from(row)).toString('hex')}`],
    ['a BLOB of DuckDB', (row) => blobText(floats(Float32Array.from(row)))],
  ])('are read from %s', async (_, cell) => {
    expect(await read(table(cell))).toEqual({ rows: values, labels: undefined, notUsed: ['id'] });
  });

  it('of bytes of another type are refused unless it is declared', async () => {
    const text = table((row) => floats(Float64Array.from(row)).toString('base64'));
    expect(await refusal(text)).toContain('declare the element type with --element float32');
    expect((await read(text, 'csv', { element: 'float64' })).rows).toEqual(values);
  });

  it('of bytes that begin or end with printable characters keep them', async () => {
    // Their first and last bytes are those of blanks and brackets.
    const rows = [0x3e200020, 0x3e00205b, 0x3e202020].map((bits) => [
      0.25,
      new Float32Array(Uint32Array.of(bits).buffer)[0] as number,
    ]);
    const swapped = rows.map((row) => [...row].reverse());
    for (const each of [rows, swapped]) {
      const text = `id,v\n${each.map((row, id) => `${id},"${blobText(floats(Float32Array.from(row)))}"\n`).join('')}`;
      expect((await read(text, 'csv', { element: 'float32' })).rows).toEqual(each);
    }
  });

  it('of bytes next to a list are refused, because either may be the rows', async () => {
    const text = table((row) => `${blobText(floats(Float64Array.from(row)))}","[0.5, 1.5, 2.5]`, ['id', 'v', 'box']).replaceAll(
      '""',
      '"',
    );
    expect(await refusal(text)).toContain('column v (text that encodes 64 bytes) may hold the vectors, too');
  });

  it('that were truncated when they were printed are refused', async () => {
    expect(await refusal('id,v\n0,"[0.1 0.2 ... 0.8]"\n1,"[0.1 0.2 ... 0.9]"\n')).toContain("cut ('...')");
  });
});

describe('hostile tables', () => {
  /** Two rows of many columns with the same text. */
  function wideTable(cell: string): string {
    const columns = 2 ** 14;
    const names = Array.from({ length: columns }, (_, at) => `c${at}`).join(',');
    const row = `${`${cell},`.repeat(columns - 1)}${cell}\n`;
    return `${names}\n${row}${row}`;
  }

  it.each<[what: string, text: string]>([
    ['brackets in one cell', `v\n"${'['.repeat(2 ** 18)}${']'.repeat(2 ** 18)}"\n"x"\n`],
    ['brackets, each in a cell', wideTable('[')],
    ['round brackets, each in a cell', wideTable('(')],
    ['braces in one cell', `v\n"${'{'.repeat(2 ** 18)}${'}'.repeat(2 ** 18)}"\n"x"\n`],
    ['quotes in one cell', `v,w\n"${'""'.repeat(2 ** 18)}",1\n"x",2\n`],
    ['quotes inside a cell', `v,w\nx${'"'.repeat(2 ** 18)},1\ny,2\n`],
    ['blanks', `v,w\n${' '.repeat(2 ** 18)},1\ny,2\n`],
    ['commas', `v,w\n${','.repeat(2 ** 18 - 2)}\ny,2\n`],
    ['commas in one cell', `v,w\n"[${','.repeat(2 ** 18)}]",1\ny,2\n`],
    ['line ends', '\n'.repeat(2 ** 18)],
    ['line ends in quotes', `v,w\n"${'\n'.repeat(2 ** 18)}",1\n`],
    ['keywords in one cell', `v,w\n"array([1${', dtype=a'.repeat(2 ** 17)}b)",1\ny,2\n`],
    ['digits', `v,w\n${'9'.repeat(2 ** 18)},1\ny,2\n`],
    ['one word', 'x'.repeat(2 ** 18)],
  ])('are refused in time that grows with their bytes: a great many %s', async (_, text) => {
    expect(await refusal(text)).toContain('t.csv');
  });
});
