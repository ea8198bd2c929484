// allpairs dedupe: kept records are the input's own bytes, and dropped ones are listed with their reason.

import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dedupe, pairs, readNpy } from 'allpairs';
import { gzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTexts } from '#src/io/records/open-texts.js';
import { npyFile } from '../fuzz/files.js';
import { jsonLines, run } from './command.js';

const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));
const tsv = fileURLToPath(new URL('../../examples/data/sentences.tsv', import.meta.url));

let folder: string;
const at = (name: string) => join(folder, name);
const read = (name: string) => readFile(at(name), 'utf8');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-dedupe-'));
  await Promise.all(Object.entries(FILES).map(([name, content]) => writeFile(at(name), content)));
});
beforeAll(async () => {
  await copyFile(new URL('../io/data/pyarrow-gzip-pages.parquet', import.meta.url), at('rows.parquet'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows 0, 2 and 4 are near-duplicates, and so are rows 1 and 3. Row 5 resembles no other row. */
const VECTORS = ['1.5,0.01,0.5', '-0.5,1.5,0.5', '1.5,0.02,0.5', '-0.5,1.51,0.5', '1.51,0.01,0.5', '0.5,-1.5,0.5'];
const DATES = ['2024-03-01', '2024-03-02', '2024-03-09', '2024-03-01', '', '2024-01-01'];
const TEXTS = ['plain', '"with, comma"', '"a ""quote"""', '"two\nlines"', 'ä', 'last'];
const line = (row: number) => `${row},${TEXTS[row]},${DATES[row]},${VECTORS[row]}`;
const HEADER = 'id,text,date,d0,d1,d2';
/** Both kinds of line ends, and none after the last record. */
const CSV = `${HEADER}\r\n${line(0)}\n${line(1)}\r\n${line(2)}\n${line(3)}\r\n${line(4)}\n${line(5)}`;
const json = (row: number, space = '') => `{"id":${space}${row},"v":[${VECTORS[row]}],"date":"${DATES[row]}"}`;
const JSONL = `${json(0)}\n${json(1, ' ')}\r\n\n${json(2)}\n${json(3)}\n  ${json(4)}\n${json(5)}\n`;

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'in.csv': CSV,
  'in.csv.gz': gzipSync(Buffer.from(CSV)),
  'mark.csv': `\ufeff${CSV}`,
  'wide.csv': Buffer.from(`\ufeff${CSV}`, 'utf16le'),
  'in.jsonl': JSONL,
  'one.jsonl': `${json(3)}\n`,
  'document.json': `[${json(0)},${json(2)}]`,
  'spread.jsonl': '{"v":[1,2],\n"n":1}\n{"v":[2,1],"n":2}\n',
  'several.jsonl': '{"v":[[1,2],[3,4]]}\n{"v":[[1,2],[3,4]]}\n',
  'old.csv': 'd0,d1,d2\n-0.5,1.52,0.5\n7.5,0.05,2.5\n',
  'nulls.csv': 'id,v\na,"[1,2]"\nb,\nc,"[1,2.01]"\nd,"[2,-1]"\n',
  'numbers.csv': 'n,d0,d1,d2\n3,1.5,2.5,0.5\n10,1.5,2.5,0.5\n+7,1.5,2.5,0.5\n',
  'large.csv':
    'n,d0,d1,d2\n1700000000000000001,1.5,2.5,0.5\n1700000000000000003,1.5,2.5,0.5\n1700000000000000002,1.5,2.5,0.5\n',
  'precise.csv':
    't,d0,d1,d2\n2024-01-01T10:00:00.50Z,1.5,2.5,0.5\n2024-01-01T10:00:00.5Z,1.5,2.5,0.5\n2024-01-01T10:00:00.500Z,1.5,2.5,0.5\n',
  'minutes.csv':
    't,d0,d1,d2\n2024-01-01 10:00:00.0,1.5,2.5,0.5\n2024-01-01 10:00,1.5,2.5,0.5\n2024-01-01T10:00:00,1.5,2.5,0.5\n',
  'zones.csv':
    't,d0,d1,d2\n2024-01-01T12:00+02:00,1.5,2.5,0.5\n2024-01-01 09:30:00-00:15,1.5,2.5,0.5\n2024-01-01T10:00:00Z,1.5,2.5,0.5\n2023-12-31T23:55:00-10,1.5,2.5,0.5\n',
  'odd.csv': 'n,d0,d1,d2\n5,1.5,2.5,0.5\nn/a,1.5,2.5,0.5\n7,1.5,2.5,0.5\n',
  'month.csv': 't,d0,d1,d2\n2024-01-01,1.5,2.5,0.5\n2024-13-01,1.5,2.5,0.5\n',
  'day.csv': 't,d0,d1,d2\n2024-01-01,1.5,2.5,0.5\n2023-02-29,1.5,2.5,0.5\n',
  'hour.csv': 't,d0,d1,d2\n2024-01-01 23:59,1.5,2.5,0.5\n2024-01-01 25:00,1.5,2.5,0.5\n',
  'columns.npy': npyFile("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", new Uint8Array(16)),
  'long.jsonl': '{"v":[1,2],"n":9007199254740993}\n{"v":[1,2],"n":9007199254740992}\n{"v":[1,2]}\n',
  'mixed.csv': 'n,d0,d1,d2\n3,1.5,2.5,0.5\n2024-01-01,1.5,2.5,0.5\n',
  'times.csv':
    't,d0,d1,d2\n2024-01-01T10:00:00Z,1.5,2.5,0.5\n2024-01-01T10:00:00.5Z,1.5,2.5,0.5\n2024-01-01 09:59:00+00:00,1.5,2.5,0.5\n',
};

async function kept(args: readonly string[], output: string): Promise<string> {
  const { code, stderr } = await run(['dedupe', ...args, '-t', '0.99', '-q', '-o', at(output)]);
  expect([code, stderr]).toEqual([0, '']);
  return read(output);
}

describe('allpairs dedupe', () => {
  it('writes kept records of a table byte for byte, quotes, line ends and all', async () => {
    const want = `${HEADER}\r\n${line(0)}\n${line(1)}\r\n${line(5)}`;
    expect(await kept([at('in.csv')], 'kept.csv')).toBe(want);
    expect(await kept([at('in.csv.gz')], 'kept-gz.csv')).toBe(want);
    expect(await kept([at('mark.csv')], 'kept-mark.csv')).toBe(`\ufeff${want}`);
    const { stdout } = await run(['dedupe', at('in.csv'), '-t', '0.99', '-o', '-']);
    expect(stdout.toString()).toBe(want);
  });

  it('writes kept JSON lines byte for byte', async () => {
    expect(await kept([at('in.jsonl')], 'kept.jsonl')).toBe(`${json(0)}\n${json(1, ' ')}\r\n\n${json(5)}\n`);
    expect(await kept([at('one.jsonl'), '--against', at('old.csv')], 'none.jsonl')).toBe('');
    expect(await kept([at('one.jsonl'), '--against', at('in.csv'), '--method', 'components'], 'one-kept.jsonl')).toBe('');
  });

  it('copies the whole file if nothing is dropped', async () => {
    for (const name of ['in.csv', 'in.jsonl']) {
      const output = at(`all-${name}`);
      expect((await run(['dedupe', at(name), '-t', '1', '-o', output])).code).toBe(0);
      expect(await readFile(output, 'utf8')).toBe(FILES[name]);
    }
  });

  it('saves stdin before reading it', async () => {
    const args = ['dedupe', '-', '--format', 'csv', '-t', '0.99', '--keep-by', 'date:desc', '-o', at('stdin.csv')];
    const { code } = await run(args, { input: Buffer.from(CSV) });
    expect(code).toBe(0);
    expect(await read('stdin.csv')).toBe(`${HEADER}\r\n${line(1)}\r\n${line(2)}\n${line(5)}`);
  });

  it('says in its help that rows of --against are kept already', async () => {
    const { stdout } = await run(['dedupe', '--help']);
    expect(stdout.toString()).toContain('--against <file>                  drop rows that are similar to a row of FILE');
    expect(stdout.toString()).not.toContain('compare with the rows of FILE instead');
  });

  it('keeps the lowest value of a column, or the highest with :desc; rows without a value come last', async () => {
    expect(await kept([at('in.csv'), '--keep-by', 'date'], 'oldest.csv')).toBe(
      `${HEADER}\r\n${line(0)}\n${line(3)}\r\n${line(5)}`,
    );
    expect(await kept([at('in.csv'), '--keep-by', 'date:desc', '--method', 'components'], 'newest.csv')).toBe(
      `${HEADER}\r\n${line(1)}\r\n${line(2)}\n${line(5)}`,
    );
    expect(await kept([at('in.jsonl'), '--keep-by', 'id:desc'], 'last.jsonl')).toBe(`${json(3)}\n  ${json(4)}\n${json(5)}\n`);
    const columns = ['--column', 'd0..d2'];
    const firstOf = async (name: string, by: string) =>
      (await kept([at(name), ...columns, '--keep-by', by], `by-${by.replace(':', '-')}-${name}`)).split(/[\n,]/)[4];
    expect(await firstOf('numbers.csv', 'n:asc')).toBe('3');
    expect(await firstOf('numbers.csv', 'n:desc')).toBe('10');
    expect(await firstOf('large.csv', 'n:desc')).toBe('1700000000000000003');
    expect(await firstOf('times.csv', 't')).toBe('2024-01-01 09:59:00+00:00');
    expect(await firstOf('times.csv', 't:desc')).toBe('2024-01-01T10:00:00.5Z');
    expect(await firstOf('zones.csv', 't')).toBe('2024-01-01 09:30:00-00:15');
    // Equal to 10:00 UTC; the first of these rows is kept.
    expect(await firstOf('zones.csv', 't:desc')).toBe('2024-01-01T12:00+02:00');
    // Equal times; the first of these rows is kept.
    for (const by of ['t', 't:desc']) {
      expect(await firstOf('precise.csv', by)).toBe('2024-01-01T10:00:00.50Z');
      expect(await firstOf('minutes.csv', by)).toBe('2024-01-01 10:00:00.0');
    }
  });

  it('compares all digits of integers in JSON lines; records without the field come last', async () => {
    expect(await kept([at('long.jsonl'), '--keep-by', 'n'], 'long-low.jsonl')).toBe('{"v":[1,2],"n":9007199254740992}\n');
    expect(await kept([at('long.jsonl'), '--keep-by', 'n:desc'], 'long-high.jsonl')).toBe('{"v":[1,2],"n":9007199254740993}\n');
  });

  it('drops near-duplicates of rows of --against, and reports these rows', async () => {
    const dropped = at('dropped.csv');
    const args = [
      'dedupe',
      at('in.csv'),
      '--against',
      at('old.csv'),
      '-t',
      '0.99',
      '--dropped',
      dropped,
      '--keep',
      at('kept.txt'),
    ];
    const { code, stderr } = await run([...args, '-o', at('new.csv')]);
    expect(code).toBe(0);
    expect(stderr).toContain(`5 of 6 rows dropped at 0.99, 5 of them for rows of ${at('old.csv')}; 1 kept`);
    expect(await read('new.csv')).toBe(`${HEADER}\r\n${line(5)}`);
    expect(await read('kept.txt')).toBe('5\n');
    const [names, ...lines] = (await read('dropped.csv')).trimEnd().split('\n');
    expect(names).toBe('row,kept_row,source,score');
    expect(lines.map((each) => each.split(',').slice(0, 3).join())).toEqual([
      '0,1,against',
      '1,0,against',
      '2,1,against',
      '3,0,against',
      '4,1,against',
    ]);
  });

  it('appends the new rows of a batch to a growing file, which stays free of near-duplicates', async () => {
    const files = { 'corpus.csv': `${HEADER}\n${line(0)}\n`, 'batch.csv': `${HEADER}\n${line(1)}\n${line(2)}\n${line(3)}\n` };
    for (const [name, content] of Object.entries(files)) await writeFile(at(name), content);
    const added = await kept([at('batch.csv'), '--against', at('corpus.csv')], 'added.csv');
    expect(added).toBe(`${HEADER}\n${line(1)}\n`);
  });

  it('prints the dropped rows to a pipe, and a summary on a terminal', async () => {
    const found = await dedupe(await readNpy(sentences), 0.9);
    const lines = jsonLines(await run(['dedupe', sentences, '-t', '0.9', '--labels', `${tsv}:2`]));
    expect(lines.map(({ row, kept_row }) => [row, kept_row])).toEqual(
      Array.from(found.dropped.rows, (row, i) => [row, found.dropped.keptRows[i]]),
    );
    expect(lines[0]).toMatchObject({ row_label: expect.any(String), kept_row_label: expect.any(String), source: 'input' });
    const { stdout } = await run(['dedupe', sentences, '-t', '0.9'], { terminal: true });
    expect(stdout.toString()).toContain('67 of 1,500 rows dropped at 0.9; 1,433 kept');
    const aside = await run(['dedupe', sentences, '-t', '0.9', '--keep', at('aside.txt')]);
    expect([aside.stdout.toString(), aside.stderr]).toEqual(['', expect.stringContaining('1,433 kept\nwrote ')]);
    const { stdout: numbers } = await run(['dedupe', sentences, '-t', '0.9', '--keep', '-']);
    expect(numbers.toString()).toBe(Array.from(found.kept, (row) => `${row}\n`).join(''));
  });

  it('writes the kept rows of a .npy', async () => {
    const path = at('kept.npy');
    expect((await run(['dedupe', sentences, '-t', '0.9', '-o', path])).code).toBe(0);
    const [all, some] = [await readNpy(sentences), await readNpy(path)];
    const { kept: rows } = await dedupe(all, 0.9);
    expect(some.shape).toEqual([rows.length, 768]);
    for (const [i, row] of rows.entries()) {
      expect(some.data.subarray(i * 768, (i + 1) * 768)).toEqual(all.data.subarray(row * 768, (row + 1) * 768));
    }
    expect((await pairs(some, 0.9)).length).toBe(0);
  });

  it('writes whole records of a .npy, wherever the vector is in them', async () => {
    const header = (count: number) =>
      `{'descr': [('id', '<i4'), ('v', '<f4', (2,)), ('w', '<f4')], 'fortran_order': False, 'shape': (${count},), }`.padEnd(
        100,
      );
    const record = (id: number, ...rest: number[]) => {
      const bytes = new Uint8Array(Float32Array.of(0, ...rest).buffer);
      new DataView(bytes.buffer).setInt32(0, id, true);
      return bytes;
    };
    const records = [record(7, 1, 2, 0.5), record(8, 1, 2, 1.5), record(9, 2, -1, 2.5)];
    await writeFile(at('records.npy'), npyFile(header(3), Buffer.concat(records)));
    await kept([at('records.npy')], 'records-kept.npy');
    expect(await readFile(at('records-kept.npy'))).toEqual(
      Buffer.from(npyFile(header(2), Buffer.concat(records.filter((_, row) => row !== 1)))),
    );
  });

  it('uses the row numbers of the input if rows without a vector are left out', async () => {
    const args = ['dedupe', at('nulls.csv'), '-t', '0.99', '--nulls', 'skip', '--keep', at('numbers.txt')];
    const { code } = await run([...args, '-o', at('nulls-kept.csv'), '--dropped', at('nulls-dropped.jsonl')]);
    expect(code).toBe(0);
    expect(await read('nulls-kept.csv')).toBe('id,v\na,"[1,2]"\nd,"[2,-1]"\n');
    expect(await read('numbers.txt')).toBe('0\n3\n');
    expect(JSON.parse(await read('nulls-dropped.jsonl'))).toMatchObject({ row: 2, kept_row: 0, source: 'input' });
  });

  it.each([
    ['nothing.csv', ''],
    ['header.csv', 'd0,d1,d2\n'],
    ['nothing.jsonl', ''],
  ])('accepts an empty corpus: %s', async (name, content) => {
    await writeFile(at(name), content);
    const args = ['dedupe', at('in.csv'), '-t', '0.99', '--keep', '-'];
    const alone = await run([...args, '-q']);
    const { code, stdout, stderr } = await run([...args, '--against', at(name)]);
    expect([code, stdout]).toEqual([0, alone.stdout]);
    expect(stderr).toContain(`${at(name)}: no rows, so nothing is dropped for them`);
    expect((await run(['pairs', at('in.csv'), '-t', '0.99', '--against', at(name)])).code).toBe(3);
  });

  it('writes kept rows of a Parquet file with all columns, even if no rows are kept', async () => {
    await kept([at('rows.parquet'), '--column', 'v', '--keep', at('rows.txt')], 'kept.parquet');
    const rows = (await read('rows.txt')).trim().split('\n').map(Number);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.length).toBeLessThan(60);
    const { stdout } = await run(['dedupe', at('rows.parquet'), '--column', 'v', '-t', '0.99', '-q', '-o', '-']);
    expect(stdout.equals(await readFile(at('kept.parquet')))).toBe(true);
    const texts: string[] = [];
    for await (const some of openTexts(at('kept.parquet'), 'text')) texts.push(...some);
    const all: string[] = [];
    for await (const some of openTexts(at('rows.parquet'), 'text')) all.push(...some);
    expect(texts).toEqual(rows.map((row) => all[row]));
    const args = [at('rows.parquet'), '--column', 'v', '--against', at('rows.parquet'), '--against-column', 'v'];
    await kept(args, 'none.parquet');
    for await (const _ of openTexts(at('none.parquet'), 'text')) expect.unreachable();
  });

  it('shows its plan, and the summary as JSON', async () => {
    const { stdout } = await run(['dedupe', sentences, '--against', sentences, '-t', '0.9', '--dry-run']);
    expect(JSON.parse(stdout.toString())).toMatchObject({ passes: 2 });
    const { stderr } = await run(['dedupe', at('in.csv'), '-t', '0.99', '--json', '-o', at('summary.csv')]);
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) as string)).toMatchObject({
      threshold: 0.99,
      rowsKept: 3,
      rowsDropped: 3,
      rowsDroppedForAgainst: 0,
      output: at('summary.csv'),
    });
  });

  it.each<[args: readonly string[], code: number, message: string]>([
    [['in.csv', '-o', 'x.jsonl'], 2, 'records are written as they are; expected a name that ends in .csv for'],
    [['in.jsonl', '-o', 'x.csv'], 2, 'expected a name that ends in .jsonl or .ndjson for'],
    [['in.csv', '-o', 'x.parquet'], 2, 'records are written as they are; expected a name that ends in .csv for'],
    [['rows.parquet', '--column', 'v', '-o', 'x.csv'], 2, 'expected a name that ends in .parquet or .pq for'],
    [['rows.parquet', 'rows.parquet', '--column', 'v', '-o', 'x.parquet'], 2, 'because the input is several files'],
    [
      ['in.csv', '-o', 'x.arrow'],
      2,
      'x.arrow: records of .arrow files cannot be written; write the numbers of the rows with --keep',
    ],
    [
      ['sparse.npz', '-o', 'x.npz'],
      2,
      'x.npz: records of .npz files cannot be written; write the numbers of the rows with --keep',
    ],
    [['in.csv', '-o', 'x.fvecs'], 2, 'records of .fvecs files cannot be written; write the numbers of the rows with --keep'],
    [['in.csv', '-o', 'x.csv', '--distance'], 2, '--distance is about the scores of dropped rows; add --dropped dropped.csv'],
    [['in.csv', '--keep', 'x.txt', '--distance'], 2, '--distance is about the scores of dropped rows'],
    [['in.csv', 'in.csv', '-o', 'x.csv'], 2, 'because the input is several files'],
    [['document.json', '-o', 'x.jsonl'], 2, 'because it is one JSON document, not JSON lines'],
    [['spread.jsonl', '-o', 'x.jsonl'], 2, 'because its values are not one on each line'],
    [['several.jsonl', '--column', 'v[]', '-o', 'x.jsonl'], 2, 'because a record holds several rows'],
    [['wide.csv', '-o', 'x.csv'], 2, 'because the file is UTF-16'],
    [['in.csv', '-o', 'x.csv', '--dropped', 'x.txt'], 2, 'expected a file name that ends in .csv or .jsonl'],
    [['in.csv', '-o', 'x.csv', '--dropped', 'x.csv'], 2, '--dropped and -o are the same file'],
    [['in.csv', '--dropped', 'in.csv'], 2, '--dropped in.csv: that is an input'],
    [['in.csv', '--keep', 'x.csv', '--dropped', 'x.csv'], 2, 'are the same file'],
    [['in.csv', '--keep', '-', '-o', '-'], 2, '--keep - and -o - both write to stdout'],
    [
      ['in.csv', '-o', 'x.csv', '--keep-by', 'text'],
      3,
      'expected only numbers, only ISO 8601 dates, or only times, all with a time zone or all without, got "plain" in row 0',
    ],
    [['mixed.csv', '--column', 'd0..d2', '--keep-by', 'n'], 3, 'got "2024-01-01" in row 1'],
    [['odd.csv', '--column', 'd0..d2', '--keep-by', 'n'], 3, 'got "n/a" in row 1'],
    [['month.csv', '--column', 'd0..d2', '--keep-by', 't'], 3, 'got "2024-13-01" in row 1'],
    [['day.csv', '--column', 'd0..d2', '--keep-by', 't'], 3, 'got "2023-02-29" in row 1'],
    [['hour.csv', '--column', 'd0..d2', '--keep-by', 't'], 3, 'got "2024-01-01 25:00" in row 1'],
    [['columns.npy', '-o', 'x.npy'], 2, 'because it is stored by columns or as 64-bit integers; write the numbers'],
    [['long.jsonl', '--keep-by', 'm'], 3, 'no field m; there are v, n'],
    [['in.csv', '--keep-by', 'nothing'], 3, 'no column nothing; there are id, text, date, d0, d1, d2'],
    [['in.csv', '-o', 'x.csv', '--save-every', '2'], 2, "unknown option '--save-every'"],
  ])('refuses %j, and writes nothing', async (args, code, message) => {
    const named = args.map((word) => (/^[\w-]+\.\w+$/.test(word) ? at(word) : word));
    const before = await readdir(folder);
    const refused = await run(['dedupe', ...named, '-t', '0.99']);
    expect([refused.code, refused.stderr.replaceAll(`${folder}/`, '')]).toEqual([code, expect.stringContaining(message)]);
    expect(await readdir(folder)).toEqual(before);
  });
});
