// Texts in place of vectors: --text of the commands that find similar rows.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cosineSimilarity, textRows } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, run } from './command.js';

const TABLE = `id,company,city
a1,Acme Holdings Ltd,Bonn
b2,"Müller, Söhne",Ulm
c3,"ACME Holding Ltd.",Bonn
d4,"Mueller, Söhne",Ulm
e5,Bolt & Nut,Köln
`;
const NAMES = ['Acme Holdings Ltd', 'Müller, Söhne', 'ACME Holding Ltd.', 'Mueller, Söhne', 'Bolt & Nut'];

let folder: string;
let table: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-text-'));
  table = await write('names.csv', TABLE);
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** The scores of all texts as one set of rows. */
async function scoresOf(texts: readonly string[]): Promise<(row: number, col: number) => number> {
  const { data } = await cosineSimilarity(await textRows(texts));
  return (row, col) => data[row * texts.length + col] as number;
}

describe('--text', () => {
  it('finds the pairs of textRows, with ids, carried columns and the texts as names', async () => {
    const found = await run(['pairs', table, '--text', 'company', '-t', '0.5', '--ids', 'id', '--carry', 'city', '--json']);
    const score = await scoresOf(NAMES);
    expect(jsonLines(found)).toEqual(
      [[0, 2, 'a1', 'c3', 'Bonn'] as const, [1, 3, 'b2', 'd4', 'Ulm'] as const].map(([row, col, id, other, city]) => ({
        row: id,
        row_label: NAMES[row],
        row_city: city,
        col: other,
        col_label: NAMES[col],
        col_city: city,
        score: expect.closeTo(score(row, col), 6),
      })),
    );
  });

  it('groups the lines of a .txt, compressed or not', async () => {
    const { gzipSync } = await import('node:zlib');
    const lines = await write('names.txt', `${NAMES.join('\n')}\n`);
    await writeFile(`${lines}.gz`, gzipSync(await readFile(lines)));
    for (const path of [lines, `${lines}.gz`]) {
      const found = await run(['groups', path, '--text', 'line', '-t', '0.5', '--json']);
      expect(jsonLines(found)).toMatchObject([{ rows: [0, 2] }, { rows: [1, 3] }]);
    }
  });

  it('compares with the texts of another file, weighted together', async () => {
    const other = await write('other.jsonl', '{"name":"acme holdings"}\n{"name":"Söhne Müller"}\n{"name":null}\n');
    const args = ['topk', table, '--text', 'company', '--against', other, '--against-text', 'name', '-k', '1', '--json'];
    const found = jsonLines(await run(args));
    const score = await scoresOf([...NAMES, 'acme holdings', 'Söhne Müller', '']);
    expect(found.slice(0, 4)).toMatchObject(
      [0, 1, 0, 1].map((col, row) => ({ row, col, score: expect.closeTo(score(row, 5 + col), 6) })),
    );
  });

  it('writes the records of a table and of JSON lines that dedupe keeps, byte for byte', async () => {
    const kept = join(folder, 'kept.csv');
    await run(['dedupe', table, '--text', 'company', '-t', '0.5', '-o', kept]);
    const lines = TABLE.split('\n');
    expect(await readFile(kept, 'utf8')).toBe([0, 1, 2, 5].map((line) => `${lines[line]}\n`).join(''));
    const records = ['{"n":1,"t":"Acme Ltd"}', '{ "t": null }', '{"t":"acme  LTD"}'];
    const jsonl = await write('names.jsonl', `${records.join('\n')}\n`);
    await run(['dedupe', jsonl, '--text', 't', '-t', '0.9', '-o', join(folder, 'kept.jsonl')]);
    expect(await readFile(join(folder, 'kept.jsonl'), 'utf8')).toBe(`${records[0]}\n${records[1]}\n`);
  });

  it('writes a file of pairs', async () => {
    const output = join(folder, 'pairs.csv');
    await run(['pairs', table, '--text', 'company', '-t', '0.5', '-o', output]);
    expect((await readFile(output, 'utf8')).split('\n')[1]).toMatch(/^0,Acme Holdings Ltd,2,ACME Holding Ltd\.,0\.7/);
  });

  it.each([
    [['--text', 'firm'], 'no column firm; there are id, company, city'],
    [['--text', 'company', '--column', 'x'], '--column says where vectors are, and --text compares texts; give one of them'],
    [['--text', 'company', '--no-header'], 'no column company; there are 1 to 3, without names'],
    [['--text', '2'], 'line 1, "id,company,city", can be names of columns or a row; choose with --header or --no-header'],
    [
      ['--text', 'company', '--nulls', 'skip'],
      '--nulls says how vectors are read, and --text compares texts; give one of them',
    ],
    [['--text', 'company', '--width', '3'], '--width says how vectors are read'],
    [['--against', 'TABLE', '--against-text', 'company'], '--against-text requires --text'],
    [['--text', 'company', '--against-text', 'company'], '--against-text requires --against'],
    [['TABLE', '--text', 'company'], '--text reads one file; join the files first'],
  ])('refuses %j', async (args, message) => {
    const all = ['pairs', table, '-t', '0.5', ...args.map((arg) => (arg === 'TABLE' ? table : arg))];
    const { code, stderr } = await run(all);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it('refuses a column of a .txt, and stdin', async () => {
    const lines = await write('lines.txt', 'a\nb\n');
    const column = await run(['pairs', lines, '-t', '0.5', '--text', 'company']);
    expect(column.stderr).toContain('a .txt file has no columns; use --text line for its lines, or --format csv');
    const piped = await run(['pairs', '-', '-t', '0.5', '--text', 'company']);
    expect(piped.stderr).toContain('--text reads a file; save the input in one first');
    const copied = await run(['dedupe', lines, '-t', '0.5', '--text', 'line', '-o', join(folder, 'kept.txt')]);
    expect(copied.stderr).toContain('its records cannot be written, because they are lines of a text');
  });
});

it('accepts a column number if an option or the cells show whether the first line names the columns', async () => {
  const keptOf = async (file: string, ...more: string[]) =>
    (await run(['dedupe', file, '--text', '2', '-t', '0.5', '--keep', '-', ...more])).stdout
      .toString()
      .split('\n')
      .slice(0, -1);
  expect(await keptOf(table, '--header')).toEqual(['0', '1', '4']);
  expect(await keptOf(table, '--no-header')).toEqual(['0', '1', '2', '5']);
  expect(await keptOf(table, '--header', '--ids', '1')).toEqual(['a1', 'b2', 'e5']);
  expect(await keptOf(await write('numbered.csv', 'id,company\n7,Acme\n8,Bolt\n9,acme\n'))).toEqual(['0', '1']);
  const lines = await run(['pairs', await write('rows.jsonl', '{"a":"x"}\n'), '--text', 'a', '--header', '-t', '0.5']);
  expect(lines.stderr).toContain('--header is for text tables such as a .csv');
});

it('reads the lines of a text in Latin-1 as the cells of a table in Latin-1, and names them so', async () => {
  const names = Buffer.from('M\xfcller GmbH\nM\xe4ller GmbH\n', 'latin1');
  const [text, cells] = [
    await write('latin1.txt', names),
    await write('latin1.csv', Buffer.concat([Buffer.from('name\n'), names])),
  ];
  const ofText = await run(['pairs', text, '--text', 'line', '-t', '-1', '--json']);
  const ofCells = await run(['pairs', cells, '--text', 'name', '-t', '-1', '--json']);
  expect(ofText.stdout.toString()).toBe(ofCells.stdout.toString());
  expect(jsonLines(ofText)).toEqual([
    expect.objectContaining({ row_label: 'Müller GmbH', col_label: 'Mäller GmbH', score: expect.closeTo(0.54, 2) }),
  ]);
});

it.each(['.parquet', '.arrow'])('refuses a text that is not UTF-8 in a %s, whose format requires UTF-8', async (extension) => {
  const file = join(folder, `pairs${extension}`);
  const labels = await write('labels.txt', 'Muller\nMaller\n');
  await run(['pairs', await write('two.csv', '1.5,2.5\n1.5,2.6\n'), '-t', '0.5', '--labels', labels, '-o', file]);
  const bytes = await readFile(file);
  const at = bytes.indexOf('Muller');
  expect(at).toBeGreaterThan(0);
  bytes[at + 1] = 0xfc;
  await writeFile(file, bytes);
  const { code, stderr } = await run(['pairs', file, '--text', 'row_label', '-t', '0.5']);
  expect([code, stderr]).toEqual([3, expect.stringMatching(/byte \d+: a text is not UTF-8/)]);
});
