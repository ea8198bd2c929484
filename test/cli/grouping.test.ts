// Which pairs count on the command line: --across and --within by a column of the input, --below and --zero-rows.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNpy } from '#src/io/rows/npy.js';
import { npyFile } from '../fuzz/files.js';
import { randomRows } from '../random.js';
import { jsonLines, run } from './command.js';
import { interruptAt } from './hold.js';

/** Rows 0 to 3 are similar, row 3 has no source, row 4 is a zero row, and row 5 points in the opposite direction. */
const VECTORS = ['1,0,0.1', '1,0.01,0.1', '1,0.02,0.1', '0.99,0.02,0.12', '0,0,0', '-1,0.3,0.2'];
const SOURCES = ['web', 'web', '7', '', '7', '7'];
const CSV = `source,d0,d1,d2\n${VECTORS.map((vector, row) => `${SOURCES[row]},${vector}\n`).join('')}`;
const JSONL = VECTORS.map((vector, row) => {
  const source = [{ source: 'web' }, { source: 'web' }, { source: 7 }, { source: null }, { source: 7 }, { source: 7 }][row];
  return `${JSON.stringify({ ...source, v: vector.split(',').map(Number) })}\n`;
}).join('');
const NULLS = JSONL.replace('[0,0,0]', 'null');

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-grouping-'));
  const { data, shape } = randomRows(3000, 12, 3);
  const rows = Array.from({ length: shape[0] }, (_, row) => `${row % 7},${data.subarray(row * 12, (row + 1) * 12).join()}\n`);
  const header = `g,${Array.from({ length: 12 }, (_, k) => `d${k}`).join()}\n`;
  const files = {
    'in.csv': CSV,
    'in.jsonl': JSONL,
    'nulls.jsonl': NULLS,
    'many.csv': header + rows.join(''),
    'order.txt': 'n\n5\n1\n9\n7\n2\n3\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
});
afterAll(() => rm(folder, { recursive: true }));

async function pairsOf(...args: string[]): Promise<[number, number][]> {
  const { code, stdout, stderr } = await run([...args, '-q', '-o', '-']);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.length === 0 ? [] : jsonLines({ code, stdout, stderr }).map(({ row, col }) => [row, col]);
}

describe('--across and --within', () => {
  it.each(['in.csv', 'in.jsonl'])('compare rows with different or equal values of a column: %s', async (name) => {
    const across = [
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ];
    expect(await pairsOf('pairs', at(name), '-t', '0.9', '--across', 'source')).toEqual(across);
    expect(await pairsOf('pairs', at(name), '-t', '0.9', '--within', 'source')).toEqual([[0, 1]]);
    expect(await pairsOf('pairs', at(name), '--best', '2', '--within', 'source')).toEqual([
      [0, 1],
      [2, 4],
    ]);
    expect(await pairsOf('pairs', at(name), '-t', '0.9', '--across', 'source', '--against', at('in.csv'))).toEqual([
      ...[2, 3].map((col) => [0, col]),
      ...[2, 3].map((col) => [1, col]),
      ...[0, 1, 3].map((col) => [2, col]),
      ...[0, 1, 2, 3].map((col) => [3, col]),
    ]);
    const { stdout } = await run(['groups', at(name), '-t', '0.9', '--within', 'source', '--json']);
    expect(JSON.parse(stdout.toString()).rows).toEqual([0, 1]);
    const kept = await run(['dedupe', at(name), '-t', '0.9', '--across', 'source', '--keep', '-', '-q']);
    expect(kept.stdout.toString()).toBe('0\n1\n4\n5\n');
  });

  it('accept a column of another file', async () => {
    const flat = Float32Array.from(VECTORS.flatMap((vector) => vector.split(',').map(Number)));
    await writeFile(
      at('in.npy'),
      npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (6, 3), }", new Uint8Array(flat.buffer)),
    );
    const spec = `${at('in.csv')}:source`;
    const args = ['pairs', at('in.npy'), '-t', '0.9'];
    expect(await pairsOf(...args, '--within', spec)).toEqual([[0, 1]]);
    const both = ['--across', 'source', '--against', at('in.csv')];
    expect(await pairsOf(...args, '--across', spec, '--against', at('in.csv'), '--against-group', 'source')).toEqual(
      await pairsOf('pairs', at('in.csv'), '-t', '0.9', ...both),
    );
    const refused = async (...more: string[]) => (await run([...args, '-o', '-', ...more])).stderr;
    expect(await refused('--within', spec, '--against', at('in.csv'))).toContain(
      'has a group for each row of the input; give those of --against with --against-group FILE:COLUMN',
    );
    expect(await refused('--against-group', 'source')).toContain('--against-group requires --against');
    expect(await refused('--against', at('in.csv'), '--against-group', 'source')).toContain('--against-group needs --across');
    expect(await refused('--within', `${at('many.csv')}:g`)).toContain('for 6 rows');
    const keeping = ['dedupe', at('in.npy'), '-t', '0.9', '-q', '--keep', '-', '--keep-by'];
    expect((await run([...keeping, `${at('order.txt')}:n:desc`])).stdout.toString()).toBe('2\n4\n5\n');
    expect((await run([...keeping, `${at('order.txt')}:n`])).stdout.toString()).toBe('1\n4\n5\n');
  });

  it('use the row numbers of the input if some rows are skipped', async () => {
    const args = ['nulls.jsonl'].map(at);
    expect(await pairsOf('pairs', ...args, '--nulls', 'skip', '-t', '-1', '--within', 'source')).toEqual([
      [0, 1],
      [2, 5],
    ]);
    expect(await pairsOf('topk', ...args, '--nulls', 'skip', '-k', '3', '--within', 'source')).toEqual([
      [0, 1],
      [1, 0],
      [2, 5],
      [5, 2],
    ]);
  });

  it('read the column of each of several files', async () => {
    const inputs = [at('in.csv'), at('in.csv')];
    const found = await pairsOf('pairs', ...inputs, '-t', '0.99', '--within', 'source');
    expect(found).toEqual([...[1, 6, 7].map((col) => [0, col]), ...[6, 7].map((col) => [1, col]), [2, 8], [5, 11], [6, 7]]);
    const copy = await run(['dedupe', ...inputs, '-t', '0.99', '--keep-by', 'd1', '--keep', '-', '-q']);
    expect(copy.stdout.toString()).toBe('0\n4\n5\n10\n');
  });

  it('omit unused places of lists from every output', async () => {
    const args = ['topk', at('in.csv'), '-k', '2', '--within', 'source'];
    const want = [
      [0, 1],
      [1, 0],
      [2, 4],
      [2, 5],
      [4, 2],
      [4, 5],
      [5, 4],
      [5, 2],
    ];
    expect(await pairsOf(...args)).toEqual(want);
    for (const extension of ['csv', 'jsonl', 'npy', 'parquet', 'arrow']) {
      const output = at(`lists.${extension}`);
      expect((await run([...args, '-q', '-o', output])).code).toBe(0);
      if (extension !== 'csv') continue;
      const lines = (await readFile(output, 'utf8')).trimEnd().split('\n').slice(1);
      expect(lines.map((line) => line.split(',').map(Number)).map(([row, , col]) => [row, col])).toEqual(want);
    }
    const { length } = decodeNpyRecords(await readFile(at('lists.npy')));
    expect(length).toBe(want.length);
    expect((await run([...args, '-q', '-o', at('lists.npz')])).code).toBe(0);
    const { 'counts.npy': counts, 'indices.npy': indices } = unzipSync(await readFile(at('lists.npz')));
    const lengths = counts as Uint8Array;
    expect(Array.from(new Uint32Array(lengths.slice(-24).buffer))).toEqual([1, 1, 2, 0, 2, 2]);
    expect(Array.from(decodeNpy(indices as Uint8Array).data).slice(0, 2)).toEqual([1, 4294967295]);
    const { stdout } = await run([...args, '-q'], { terminal: true });
    expect(stdout.toString()).toContain('no row to compare with');
    expect(stdout.toString()).not.toContain('NaN');
  });

  it('treat NaN as no group, and do not report the column as unused', async () => {
    await writeFile(
      at('nan.jsonl'),
      '{"g":"a","v":[1,0]}\n{"g":NaN,"v":[1,0.1]}\n{"g":NaN,"v":[1,0.2]}\n{"g":"a","v":[1,0.3]}\n',
    );
    expect(await pairsOf('pairs', at('nan.jsonl'), '-t', '0.5', '--within', 'g')).toEqual([[0, 3]]);
    const { stderr } = await run(['pairs', at('in.csv'), '-t', '0.9', '--across', 'source', '--json']);
    expect(stderr).not.toContain('not used: source');
  });

  it.each([
    [['pairs', 'in.csv', '-t', '0.9', '--across', 'source', '--within', 'source'], 2, 'cannot be used with'],
    [['pairs', '-', '--format', 'csv', '-t', '0.9', '--across', 'no.csv:g'], 3, '--across no.csv:g: no.csv: no such file'],
    [['pairs', 'in.csv', '-t', '0.9', '--within', 'no/file:g'], 3, '--within no/file:g: no/file: no such file'],
    [['pairs', 'in.csv', '-t', '0.9', '--ids', 'no.csv:g'], 3, '--ids no.csv:g: no.csv: no such file'],
    [['dedupe', 'in.csv', '-t', '0.9', '--keep-by', 'no.csv:g:desc'], 3, '--keep-by no.csv:g: no.csv: no such file'],
    [['pairs', 'in.csv', '-t', '0.9', '--across', 'a:g'], 3, 'no column a:g; there are source, d0, d1, d2'],
    [['pairs', 'in.csv', '-t', '0.9', '--across', 'nothing'], 3, 'no column nothing; there are source, d0, d1, d2'],
    [
      ['pairs', '-', '--format', 'csv', '-t', '0.9', '--within', 'source'],
      2,
      '--within source reads a column of the input a second time; give the input as a file',
    ],
    [['pairs', 'in.csv', '-t', '0.9', '--below', '0.9'], 2, '--below 0.9: expected a score above --threshold 0.9'],
    [['matrix', 'in.csv', '--zero-rows', 'exclude'], 2, 'Allowed choices are zero, throw'],
    [
      ['topk', 'in.csv', '--zero-rows', 'throw'],
      3,
      'only zeros in row 4; leave such rows out, or score them 0 with --zero-rows zero',
    ],
    [['plan', 'in.csv', '-k', '2', '--across', 'source', '--dry-run'], 2, "unknown option '--across'"],
  ])('refuse impossible requests: %j', async (args, code, message) => {
    const paths = args.map((arg) => (/^in\./.test(arg) ? at(arg) : arg));
    const got = await run(paths, { input: Buffer.from(CSV) });
    expect([got.code, got.stderr]).toEqual([code, expect.stringContaining(message)]);
  });

  it.each([
    ['nearest.csv', ['topk', '-k', '300', '--within', 'g', '--threads', '1'], 'state'],
    ['pairs.csv', ['pairs', '-t', '0.7', '--across', 'g', '--below', '0.9', '--threads', '1'], 'pairs-'],
  ])('stay in effect when a run is interrupted and resumed: %s', async (name, [command = '', ...options], sign) => {
    const args = [command, at('many.csv'), ...options, '--save-every', '0', '-q', '-o'];
    expect((await run([...args, at(`whole-${name}`)])).code).toBe(0);
    const stopped = await interruptAt(sign, [...args, at(name)]);
    expect(stopped.code).toBe(4);
    const other = await run([...args, at(name)].map((arg) => (arg === 'g' ? 'd0' : arg)));
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('was "g", now "d0"')]);
    expect(await run(['resume', at(name), '-q'])).toMatchObject({ code: 0, stderr: '' });
    expect((await readFile(at(name))).equals(await readFile(at(`whole-${name}`)))).toBe(true);
  });
});

describe('zero rows', () => {
  it.each([
    ['topk', ['-k', '2'], '1 zero row scores 0 with everything (--zero-rows)'],
    ['topk', ['-k', '2', '--zero-rows', 'exclude'], '1 zero row is in no pair (--zero-rows exclude)'],
    ['pairs', ['-t', '0.9'], '1 zero row scores 0 with everything (--zero-rows)'],
    ['dedupe', ['-t', '0.9'], '1 zero row scores 0 with everything (--zero-rows)'],
    ['matrix', [], '1 zero row scores 0 with everything (--zero-rows)'],
  ])('are counted in the summary: %s %j', async (command, options, line) => {
    const output = at(`${command}${options.length}.${command === 'matrix' ? 'npy' : 'csv'}`);
    const { code, stderr } = await run([command, at('in.csv'), ...options, '-o', output]);
    expect(code).toBe(0);
    expect(stderr.split('\n')).toContain(line);
  });

  it('are in no list if they are excluded', async () => {
    const lists = await pairsOf('topk', at('in.csv'), '-k', '9', '--zero-rows', 'exclude');
    expect(lists.length).toBe(5 * 4);
    expect(lists.flat()).not.toContain(4);
  });
});

/** Records of row, rank, col and score. */
function decodeNpyRecords(file: Uint8Array): { length: number } {
  const shape = /'shape': \((\d+),\)/.exec(Buffer.from(file).toString('latin1'))?.[1];
  return { length: Number(shape) };
}
