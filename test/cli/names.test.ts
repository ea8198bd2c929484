// Ids and columns of the input in the outputs of commands, read back by other readers than ours.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Matrix, readNpy, writeNpy } from 'allpairs';
import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasNames, nameOf } from '#src/cli/result-names.js';
import { jsonLines, run } from './command.js';
import { interruptAt } from './hold.js';

/** Ids that formats might damage. */
const IDS = ['a,1', 'say "b"', 'two\nlines', '007', 'ü😀'];
const VECTORS = [
  [1, 2, 0.5],
  [1, 2, 0.5],
  [0.5, 0, 3],
  [0.5, 0.125, 3],
  [-1, 4, 0.5],
];
const YEARS = [2001, 2002, 2003, 2004, 2005];

let folder: string;
let docs: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-names-'));
  docs = await write(
    'docs.jsonl',
    VECTORS.map((vector, row) => JSON.stringify({ id: IDS[row], year: YEARS[row], vector })).join('\n'),
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function done(...args: string[]): Promise<void> {
  expect(await run([...args, '-q'])).toMatchObject({ code: 0, stderr: '' });
}

async function output(name: string, ...args: string[]): Promise<string> {
  const path = join(folder, name);
  await done(...args, '-o', path);
  return path;
}

const PAIRS = [
  { row: 'a,1', row_year: 2001, col: 'say "b"', col_year: 2002, score: 1 },
  { row: 'two\nlines', row_year: 2003, col: '007', col_year: 2004, score: expect.closeTo(0.9992, 3) },
];
const args = (command = 'pairs') => [command, docs, '--ids', 'id', '--carry', 'year', '-t', '0.98'];

describe('--ids and --carry', () => {
  it('write a column of the input instead of row numbers, and others in addition', async () => {
    expect(jsonLines(await run([...args(), '--json']))).toEqual(PAIRS);
    expect(jsonLines({ stdout: await readFile(await output('pairs.jsonl', ...args())), code: 0, stderr: '' })).toEqual(PAIRS);
    const csv = parse(await readFile(await output('pairs.csv', ...args())), { columns: true, cast: false });
    expect(csv).toEqual([
      { row: 'a,1', row_year: '2001', col: 'say "b"', col_year: '2002', score: '1' },
      { row: 'two\nlines', row_year: '2003', col: '007', col_year: '2004', score: expect.stringMatching(/^0\.999/) },
    ]);
  });

  it('have the same types in .parquet and .arrow as in the input', async () => {
    const parquet = await readFile(await output('pairs.parquet', ...args()));
    const records = await parquetReadObjects({ file: new Uint8Array(parquet).buffer });
    expect(records).toEqual(
      PAIRS.map((pair) => ({ ...pair, row_year: BigInt(pair.row_year), col_year: BigInt(pair.col_year) })),
    );
    const table = tableFromIPC(await readFile(await output('pairs.arrow', ...args())));
    expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'row Utf8',
      'row_year Int64',
      'col Utf8',
      'col_year Int64',
      'score Float32',
    ]);
    expect(table.toArray().map((record) => ({ ...record.toJSON() }))).toEqual(
      PAIRS.map((pair) => ({ ...pair, row_year: BigInt(pair.row_year), col_year: BigInt(pair.col_year) })),
    );
  });

  it("are stored in .npy and .npz in NumPy's types for integers and texts", async () => {
    const npy = await readFile(await output('pairs.npy', 'pairs', docs, '--ids', 'year', '-t', '0.98'));
    expect(npy.toString('latin1')).toContain("[('row', '<i8'), ('col', '<i8'), ('score', '<f4')]");
    expect([npy.readBigInt64LE(npy.length - 40), npy.readBigInt64LE(npy.length - 12)]).toEqual([2001n, 2004n]);
    const texts = await readFile(await output('texts.npy', 'pairs', docs, '--ids', 'id', '-t', '0.98'));
    expect(texts.toString('latin1')).toContain("('row', '<U9')");
    const codes = Array.from({ length: 9 }, (_, i) => texts.readUInt32LE(texts.length - 2 * 76 + 36 + 4 * i));
    expect(String.fromCodePoint(...codes.filter((code) => code > 0))).toBe('say "b"');
    const zip = unzipSync(await readFile(await output('topk.npz', 'topk', docs, '--ids', 'year', '-k', '1')));
    expect(Object.keys(zip).sort()).toEqual(['indices.npy', 'row_ids.npy', 'scores.npy']);
    const held = zip['row_ids.npy'] as Uint8Array;
    expect(Array.from(new BigInt64Array(held.slice(-40).buffer), Number)).toEqual(YEARS);
  });

  it('name rows of both inputs of a comparison', async () => {
    const others = await write('others.csv', 'key,title,d0,d1,d2\n17,"x ""y""",1.5,0.5,0.5\n4,z,0.5,2.5,0.5\n');
    const found = await run([
      ...['topk', docs, '--against', others, '-k', '1', '--json', '--ids', 'id', '--carry', 'year'],
      ...['--against-ids', 'key', '--against-carry', 'title'],
    ]);
    expect(jsonLines(found)[0]).toMatchObject({ row: 'a,1', row_year: 2001, rank: 1, col: 4, col_title: 'z' });
    const half = await run(['topk', docs, '--against', others, '-k', '1', '--json', '--against-ids', 'key']);
    expect(jsonLines(half)[0]).toMatchObject({ row: 0, rank: 1, col: 4 });
  });

  it('name rows of groups, of dropped rows, of kept rows and of scored pairs', async () => {
    expect(jsonLines(await run([...args('groups'), '--json']))[1]).toEqual({
      group: 1,
      size: 2,
      representative: 'two\nlines',
      rows: ['two\nlines', '007'],
      scores: [1, expect.closeTo(0.99916, 4)],
      carried: { year: [2003, 2004] },
    });
    const records = parse(await readFile(await output('groups.csv', ...args('groups'))), { columns: true });
    expect(records[0]).toEqual({ group: '0', row: 'a,1', row_year: '2001', representative: '1', score: '1' });
    expect(jsonLines(await run([...args('dedupe'), '--json']))[0]).toEqual({
      row: 'say "b"',
      row_year: 2002,
      kept_row: 'a,1',
      kept_row_year: 2001,
      source: 'input',
      score: 1,
    });
    const kept = await run(['dedupe', docs, '--ids', 'year', '-t', '0.98', '--keep', '-', '-q']);
    expect(kept.stdout.toString()).toBe('2001\n2003\n2005\n');
    const pairs = await write('listed.csv', 'row,col\n2003,2004\n2001,2001\n');
    const scored = jsonLines(await run(['score', docs, '--pairs', pairs, '--ids', 'year', '--json']));
    expect(scored.map(({ row, col }) => [row, col])).toEqual([
      [2003, 2004],
      [2001, 2001],
    ]);
  });

  it('must have one value per row: no list, and no field of a record that contains several rows', async () => {
    const lists = await write(
      'lists.jsonl',
      '{"tags":["p","q"],"v":[1,0]}\n{"tags":[],"v":[1,0.1]}\n{"tags":["r"],"v":[0,1]}\n',
    );
    const list = await run(['pairs', lists, '-t', '0.9', '--column', 'v', '--carry', 'tags']);
    expect([list.code, list.stderr]).toEqual([3, expect.stringContaining('line 1, field "tags": expected text, got an array')]);
    const chunks = await write(
      'chunks.jsonl',
      '{"title":"a","chunks":[{"v":[1,0],"t":"x"},{"v":[1,0.1],"t":"y"}]}\n{"title":"b","chunks":[]}\n{"title":"c","chunks":[{"v":[0,1],"t":"z"}]}\n',
    );
    const shifted = await run(['topk', chunks, '-k', '1', '--carry', 'title']);
    expect([shifted.code, shifted.stderr]).toEqual([
      2,
      expect.stringContaining('--carry title: a record holds several rows (chunks[].v); expected a field of chunks[]'),
    ]);
    const found = await run(['topk', chunks, '-k', '1', '--ids', 'chunks[].t', '--json', '-q']);
    expect(jsonLines(found).map(({ row, col }) => row + col)).toEqual(['xy', 'yx', 'zy']);
  });

  it('keep all digits of 64-bit integers, and texts that look like numbers as texts', async () => {
    const lines = ['9007199254740993', '-3', '12345678901234567']
      .map((id, row) => `{"id":${id},"text":"${row}","vector":[1,${row}]}`)
      .join('\n');
    const wide = await write('wide.jsonl', lines);
    const { stdout } = await run(['pairs', wide, '-t', '-1', '--ids', 'id', '--carry', 'text', '--json']);
    expect(stdout.toString()).toContain('{"row":9007199254740993,"row_text":"0","col":-3,"col_text":"1",');
    const parquet = await readFile(await output('wide.parquet', 'pairs', wide, '-t', '-1', '--ids', 'id'));
    const [record] = await parquetReadObjects({ file: new Uint8Array(parquet).buffer });
    expect(record).toMatchObject({ row: 9007199254740993n, col: -3n });
  });

  it('may come from another file as FILE:COLUMN, and be combined with labels', async () => {
    const rows = join(folder, 'rows.npy');
    await writeNpy(rows, new Matrix(Float32Array.from(VECTORS.flat()), [5, 3]));
    const found = await run([
      ...['pairs', rows, '-t', '0.98', '--json', '--ids', `${docs}:year`, '--labels', `${docs}:id`],
      ...['--carry', `${docs}:year`],
    ]);
    expect(jsonLines(found)[0]).toEqual({
      row: 2001,
      row_label: 'a,1',
      row_year: 2001,
      col: 2002,
      col_label: 'say "b"',
      col_year: 2002,
      score: 1,
    });
  });

  it('are read from each of several files, and for rows of which some are left out', async () => {
    const parts = join(folder, 'parts');
    await mkdir(parts);
    await writeFile(join(parts, '1.jsonl'), '{"id":"a","vector":[1,2]}\n{"id":null,"vector":null}\n');
    await writeFile(join(parts, '2.jsonl'), '{"id":"b","vector":[1,2]}\n');
    const found = await run(['pairs', parts, '-t', '0.98', '--json', '--ids', 'id', '--nulls', 'skip']);
    expect(jsonLines(found)).toEqual([{ row: 'a', col: 'b', score: 1 }]);
    const byFile = await run(['pairs', parts, '-t', '0.98', '--json', '--ids', 'file:row', '--nulls', 'skip']);
    expect(jsonLines(byFile)).toEqual([{ row: `${join(parts, '1.jsonl')}:0`, col: `${join(parts, '2.jsonl')}:0`, score: 1 }]);
  });

  it('are not reported as unused columns', async () => {
    const { stderr } = await run(['pairs', docs, '-t', '0.98', '--json', '--ids', 'id']);
    expect(stderr).toBe(`${docs}: 5 rows of 3 numbers from column vector; not used: year\n`);
  });

  it('are shown on a terminal instead of row numbers', async () => {
    const { stdout } = await run(['topk', docs, '-k', '1', '--ids', 'id'], { terminal: true });
    expect(stdout.toString()).toContain('say "b"');
  });

  it('are the same in a run that is resumed, even from another folder', async () => {
    const rows = join(folder, 'many.npy');
    const count = 6000;
    await writeNpy(
      rows,
      new Matrix(
        Float32Array.from({ length: count * 64 }, (_, i) => Math.sin(i * i)),
        [count, 64],
      ),
    );
    const names = await write('many.csv', `id\n${Array.from({ length: count }, (_, i) => `row-${i}`).join('\n')}\n`);
    const out = join(folder, 'many-pairs.csv');
    const command = [
      'pairs',
      rows,
      '-t',
      '0.3',
      '--ids',
      `${names}:id`,
      '--carry',
      `${names}:id`,
      '--threads',
      '1',
      '-q',
      '-o',
    ];
    expect((await run([...command, `${out}.whole.csv`])).code).toBe(0);
    const stopped = await interruptAt('pairs-', [...command.slice(0, -1), '--save-every', '0', '-o', out]);
    expect(stopped.code).toBe(4);
    expect(await run(['resume', out, '-q'])).toMatchObject({ code: 0, stderr: '' });
    expect((await readFile(out)).equals(await readFile(`${out}.whole.csv`))).toBe(true);
  });

  it('are passed to merge in a file', async () => {
    const rows = join(folder, 'job.npy');
    await writeNpy(rows, new Matrix(Float32Array.from(VECTORS.flat()), [5, 3]));
    const place = join(folder, 'job');
    await done('plan', rows, '--threshold', '0.98', '--shards', '1', '-o', place);
    await done('run-shard', place, '--index', '0');
    const merged = await run(['merge', place, '--ids', `${docs}:id`, '--carry', `${docs}:year`, '-o', '-']);
    expect(jsonLines(merged)).toEqual(PAIRS);
    expect(await run(['merge', place, '--ids', 'id', '-o', '-'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('give FILE:COLUMN'),
    });
  });

  it.each<[string, string[], number, string]>([
    ['a missing column', ['--ids', 'key'], 3, '--ids key: '],
    ['an id that is missing', ['--ids', 'gap'], 3, '--ids gap: row 1 has no id (null, or an empty text)'],
    ['a column that is carried twice', ['--carry', 'year,year'], 2, '--carry: two columns would be called year'],
    ['an empty name', ['--carry', 'year,'], 2, 'Expected names of columns'],
    ['names of a missing --against', ['--against-ids', 'id'], 2, '--against-ids requires --against'],
    ['--carry file', ['--carry', 'file'], 3, 'to name rows by their files use --ids file:row'],
  ])('are refused: %s', async (_, options, code, message) => {
    const gaps = await write('gaps.jsonl', '{"gap":"a","year":1,"vector":[1,2]}\n{"gap":null,"year":2,"vector":[2,1]}\n');
    expect(await run(['pairs', gaps, '-t', '0', '--json', ...options])).toMatchObject({
      code,
      stderr: expect.stringContaining(message),
    });
  });

  it('are refused for stdin, which cannot be read twice, unless it is saved for an output', async () => {
    const input = await readFile(docs);
    expect(await run(['pairs', '-', '-t', '0.98', '--json', '--ids', 'id'], { input })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('give the input as a file'),
    });
    const out = join(folder, 'piped.jsonl');
    expect(await run(['pairs', '-', '-t', '0.98', '--ids', 'id', '-q', '-o', out], { input })).toMatchObject({ code: 0 });
    expect(await readFile(out, 'utf8')).toContain('"row":"a,1"');
  });

  it('are refused in a .npy that cannot represent them, and in lines of --keep', async () => {
    const long = await write('long.jsonl', `{"id":"a","vector":[1,2]}\n{"id":"${'x'.repeat(2000)}","vector":[1,2]}\n`);
    const refused = await run([
      'pairs',
      long,
      '-t',
      '0',
      '--ids',
      'id',
      '--column',
      'vector',
      '-q',
      '-o',
      join(folder, 'long.npy'),
    ]);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('one has 2000 characters') });
    const carried = await run(['pairs', docs, '-t', '0', '--carry', 'year', '-q', '-o', join(folder, 'carried.npz')]);
    expect(carried).toMatchObject({ code: 2, stderr: expect.stringContaining('holds only numbers and ids') });
    for (const extension of ['npy', 'npz', 'csr.npz']) {
      const output = join(folder, `labelled.${extension}`);
      const labelled = await run(['pairs', docs, '-t', '0', '--labels', `${docs}:year`, '-q', '-o', output]);
      expect(labelled).toMatchObject({ code: 2, stderr: expect.stringContaining('or leave --labels out') });
    }
    const keep = await run(['groups', docs, '-t', '0.98', '--ids', 'id', '-q', '--keep', '-']);
    expect(keep).toMatchObject({ code: 3, stderr: expect.stringContaining('the id of row 2 has several lines') });
  });
});

it('are shown on a terminal with each row', () => {
  const carried = [
    { name: 'year', type: 'i8', texts: ['1999', '2001'] },
    { name: 'title', type: 'text', texts: ['a', 'b\u0007'] },
  ] as const;
  expect(nameOf(1, { carried })).toBe('row 1 | 2001 | b\ufffd');
  expect(nameOf(0, { carried, ids: { name: 'id', type: 'text', texts: ['x', 'y'] } })).toBe('x | 1999 | a');
  expect(hasNames({ carried })).toBe(true);
});

describe('names that exceed --memory', () => {
  it.each(['long.txt', 'long.csv:name'])('are refused while they are read: %s', async (spec) => {
    const rows = await write('rows.jsonl', '[1, 2]\n'.repeat(200));
    const long = `${'long name '.repeat(10_000)}\n`.repeat(200);
    await write('long.txt', long);
    await write('long.csv', `name\n${long}`);
    const { code, stderr } = await run(['topk', rows, '--labels', join(folder, spec), '--memory', '16MiB']);
    expect(code).toBe(1);
    const read = /names of rows do not fit in --memory; those read so far take (\d+) MiB; run it with a higher limit/.exec(
      stderr,
    );
    expect(Number(read?.[1]), stderr).toBeGreaterThanOrEqual(16);
    if (spec.includes(':')) expect(Number(read?.[1])).toBeLessThan(32);
  });

  it('count together, and are accepted below it', async () => {
    const rows = await write('rows.jsonl', '[1, 2]\n'.repeat(200));
    await write('half.txt', `${'x'.repeat(25_000)}\n`.repeat(200));
    const half = join(folder, 'half.txt');
    const args = ['topk', rows, '-k', '1', '--memory', '16MiB', '-o', join(folder, 'half.csv')];
    expect(await run([...args, '--labels', half, '-q'])).toMatchObject({ code: 0, stderr: '' });
    const both = await run([...args, '--labels', half, '--against', rows, '--against-labels', half]);
    expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining('do not fit in --memory') });
  });
});

describe('--distance', () => {
  it('writes 1 - score, 0 for a score of 1, in a column of that name', async () => {
    const [first, second] = jsonLines(await run(['pairs', docs, '-t', '0.98', '--json', '--distance']));
    expect(first).toEqual({ row: 0, col: 1, distance: 0 });
    const [, scored] = jsonLines(await run(['pairs', docs, '-t', '0.98', '--json']));
    expect(Math.fround(second.distance)).toBe(Math.fround(1 - Math.fround(scored.score)));
    const [nearest] = jsonLines(await run(['topk', docs, '-k', '1', '--json', '--distance', '--dtype', 'float64']));
    expect(nearest).toEqual({ row: 0, rank: 1, col: 1, distance: 0 });
    expect(jsonLines(await run(['dedupe', docs, '-t', '0.98', '--json', '--distance']))[0]).toMatchObject({ distance: 0 });
    const csv = await readFile(await output('best.csv', 'pairs', docs, '--best', '1', '--distance'), 'utf8');
    expect(csv).toBe('row,col,distance\n0,1,0\n');
    expect(Object.keys(unzipSync(await readFile(await output('d.npz', 'topk', docs, '-k', '1', '--distance')))).sort()).toEqual(
      ['distances.npy', 'indices.npy'],
    );
  });

  it('writes a matrix of distances, to a file and to stdout', async () => {
    const scores = await readNpy(await output('scores.npy', 'matrix', docs));
    const path = await output('distances.npy', 'matrix', docs, '--distance');
    const distances = await readNpy(path);
    expect(Array.from(distances.data)).toEqual(Array.from(scores.data, (score) => Math.fround(1 - score)));
    const { stdout } = await run(['matrix', docs, '--distance', '-o', '-']);
    expect(stdout.equals(await readFile(path))).toBe(true);
  });

  it('is refused if no score is written', async () => {
    expect(await run(['groups', docs, '-t', '0.9', '--distance'])).toMatchObject({ code: 2 });
    expect(await run(['histogram', docs, '--distance'])).toMatchObject({ code: 2 });
  });
});
