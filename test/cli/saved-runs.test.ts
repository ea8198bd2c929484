// Runs with an output: interrupted, resumed, refused, planned, with little memory, and in every format.

import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { cosineSimilaritySync, Matrix, pairs, readNpy, topK, writeNpy } from 'allpairs';
import { tableFromIPC } from 'apache-arrow';
import { unzipSync } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { randomRows } from '../random.js';
import { jsonLines, MAIN, run } from './command.js';
import { interruptAt, runHeldAt } from './hold.js';

const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));
const tsv = sentences.replace('.npy', '.tsv');

let folder: string;
let rows: string;
/** For matrices: 64 MB in four blocks. */
let fewer: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-saved-'));
  rows = join(folder, 'rows.npy');
  const { data, shape } = randomRows(12_000, 96, 2);
  await writeNpy(rows, new Matrix(data, shape));
  fewer = join(folder, 'fewer.npy');
  await writeNpy(fewer, new Matrix(data.subarray(0, 4000 * 96), [4000, 96]));
});
afterAll(() => rm(folder, { recursive: true }));

let own: string;
beforeEach(async () => {
  own = await mkdtemp(join(folder, 'test-'));
});

describe('a run that is interrupted', () => {
  it.each([
    ['nearest.csv', ['topk', '-k', '5', '--save-every', '0', '--threads', '1'], 'state'],
    ['matrix.npy', ['matrix', '--memory', '24MiB'], 'block-'],
    ['pairs.jsonl', ['pairs', '-t', '0.35', '--save-every', '0', '--threads', '1'], 'pairs-'],
    ['groups.csv', ['groups', '-t', '0.4', '--save-every', '0', '--threads', '1'], 'state'],
    ['histogram.npz', ['histogram', '--save-every', '0', '--threads', '1'], 'state'],
  ])(
    'ends with 4, says how to continue, and continues to the same bytes: %s',
    async (name, [command = '', ...options], sign) => {
      const output = join(own, name);
      const args = [command, command === 'matrix' ? fewer : rows, ...options, '-q', '-o', output];
      const reference = join(own, `reference-${name}`);
      expect((await run([...args.slice(0, -1), reference])).code).toBe(0);
      const stopped = await interruptAt(sign, args);
      expect([stopped.code, stopped.stderr]).toEqual([4, `interrupted\nto continue: allpairs resume ${output}\n`]);
      expect((await readdir(own)).sort()).toEqual([`${name}.partial`, `reference-${name}`].sort());
      expect(await run(['resume', output, '-q', '--threads', '2'])).toMatchObject({ code: 0, stderr: '' });
      expect((await readFile(output)).equals(await readFile(reference))).toBe(true);
      expect((await readdir(own)).sort()).toEqual([name, `reference-${name}`].sort());
    },
  );

  it('starts over if it looks for the best pairs, with the same answer', async () => {
    const [whole, output] = [join(own, 'whole.csv'), join(own, 'out.csv')];
    const args = ['pairs', rows, '--best', '50', '-q', '-o'];
    expect((await run([...args, whole])).code).toBe(0);
    const stopped = await interruptAt('manifest', [...args, output]);
    expect([stopped.code, stopped.stderr]).toEqual([4, `interrupted\nto continue: allpairs resume ${output}\n`]);
    expect(await run(['resume', output, '-q'])).toMatchObject({ code: 0, stderr: '' });
    expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
  });

  it.each([
    ['topk', []],
    ['histogram', []],
    ['groups', ['-t', '0.4']],
  ])('saves its state at Ctrl-C, long before --save-every: %s', async (command, options) => {
    // With little memory the rows are read repeatedly, one block at a time, so the reads show how far the work is.
    const memory = '9.25MiB';
    const args = [command, rows, ...options, '--memory', memory, '--save-every', '3600', '-q', '-o'];
    const stopAt = (read: number) => ({
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`
        const { default: fs } = await import('node:fs');
        const { syncBuiltinESMExports } = await import('node:module');
        const { read } = fs;
        let reads = 0;
        fs.read = (...given) => {
          if (++reads === ${read}) process.kill(process.pid, 'SIGINT');
          return read(...given);
        };
        // How it is promisified.
        Object.defineProperties(fs.read, Object.getOwnPropertyDescriptors(read));
        syncBuiltinESMExports();
        process.on('exit', () => process.stderr.write('reads ' + reads));`)}`,
    });
    const readsOf = ({ stderr }: { stderr: string }) => Number(/reads (\d+)/.exec(stderr)?.[1]);
    const [whole, output] = [join(own, 'whole.npz'), join(own, 'out.npz')];
    const all = readsOf(await run([...args, whole], { env: stopAt(0) }));
    expect(all).toBeGreaterThan(40);
    const stopped = await run([...args, output], { env: stopAt(Math.floor(0.6 * all)) });
    expect([stopped.code, stopped.stderr]).toEqual([4, expect.stringContaining(`to continue: allpairs resume ${output}`)]);
    const resumed = await run(['resume', output, '-q', '--memory', memory], { env: stopAt(0) });
    expect(resumed.code).toBe(0);
    // It does not begin with the first row, as it would without a saved state.
    expect(readsOf(resumed)).toBeLessThan(0.75 * all);
    expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
  });

  it('ends in the same way if the signal arrives before anything is loaded', async () => {
    // Sends the signal as soon as there is a handler.
    const preload = `
      const { on } = process;
      process.on = function (name, listener) {
        const process = on.call(this, name, listener);
        if (name === 'SIGTERM') process.kill(process.pid, 'SIGTERM');
        return process;
      };`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
    const output = join(own, 'nearest.csv');
    for (const more of [[], ['-o', output]]) {
      const { code, stdout, stderr } = await run(['topk', rows, ...more], { env });
      expect([code, stdout.length, stderr]).toEqual([130, 0, 'interrupted\n']);
    }
    expect(await readdir(own)).toEqual([]);
    const main = await readFile(MAIN, 'utf8');
    expect(main.indexOf('SIGTERM')).toBeLessThan(main.indexOf('import('));
    expect(main).not.toMatch(/^import .*(commander|entry\/index)/m);
  });

  it('is not restarted without --restart, and not continued with other arguments', async () => {
    const output = join(own, 'nearest.csv');
    const input = join(own, 'input.npy');
    await cp(rows, input);
    const args = ['topk', input, '-q', '--save-every', '0', '--threads', '1', '-o', output];
    await interruptAt('state', args);
    const again = await run(args);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(
      `nearest.csv.partial holds an unfinished run; continue it with "allpairs resume ${output}", or discard it with --restart`,
    );
    const other = await run([...args, '-k', '3']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('with other arguments (--top-k was 10, now 3)')]);

    const changed = await readFile(input);
    changed[changed.length - 2] = (changed.at(-2) as number) ^ 1;
    await writeFile(input, changed);
    const resumed = await run(['resume', output]);
    expect(resumed.code).toBe(3);
    expect(resumed.stderr).toMatch(/^error: cannot continue .*: .*input\.npy was changed \([^\n]*\n$/);
    // The saved state stays, because the input may be restored.
    await cp(rows, input);
    expect((await run(['resume', output, '-q'])).code).toBe(0);

    await interruptAt('state', args);
    expect((await run([...args, '--restart'])).code).toBe(0);
    expect(await readdir(own)).toEqual(['input.npy', 'nearest.csv']);
  });

  it('keeps what it read from stdin', async () => {
    const output = join(own, 'nearest.csv');
    const input = await readFile(rows);
    const args = ['topk', '-', '-q', '--save-every', '0', '--threads', '1', '-o', output];
    expect((await interruptAt('state', args, { input })).code).toBe(4);
    expect((await run(['resume', output, '-q'])).code).toBe(0);
    const reference = join(own, 'reference.csv');
    await run(['topk', rows, '-q', '-o', reference]);
    expect((await readFile(output)).equals(await readFile(reference))).toBe(true);
  });

  it('detects damage', async () => {
    const output = join(own, 'matrix.npy');
    const args = ['matrix', fewer, '--memory', '24MiB', '-q', '-o', output];
    await interruptAt('block-', args);
    const file = join(`${output}.partial`, 'matrix.npy');
    const bytes = await readFile(file);
    bytes.fill(1, 4000, 5000);
    await writeFile(file, bytes);
    expect((await run(['resume', output, '-q'])).code).toBe(0);
    const { data } = await readNpy(output);
    const x = await readNpy(fewer);
    const first = { data: x.data.subarray(0, 96), shape: [1, 96] };
    expect(data.subarray(0, 4000)).toEqual(cosineSimilaritySync(first, x).data);

    const nearest = join(own, 'nearest.csv');
    await interruptAt('state', ['topk', rows, '-q', '--save-every', '0', '--threads', '1', '-o', nearest]);
    const state = join(`${nearest}.partial`, 'state');
    const saved = await readFile(state);
    saved[saved.length - 9] = (saved.at(-9) as number) ^ 4;
    await writeFile(state, saved);
    expect(await run(['resume', nearest, '-q'])).toMatchObject({ code: 0, stderr: '' });
    const whole = join(own, 'whole.csv');
    await run(['topk', rows, '-q', '-o', whole]);
    expect((await readFile(nearest)).equals(await readFile(whole))).toBe(true);
  });

  it('reports a damaged manifest, and suggests --restart', async () => {
    const output = join(own, 'nearest.csv');
    const args = ['topk', rows, '-q', '--save-every', '0', '--threads', '1', '-o', output];
    await interruptAt('state', args);
    await writeFile(join(`${output}.partial`, 'manifest.json'), '{');
    for (const again of [args, ['resume', output]]) {
      const { code, stderr } = await run(again);
      expect([code, stderr]).toEqual([3, expect.stringMatching(/^error: .*manifest\.json: byte 0: damaged: .*--restart\n$/)]);
    }
    expect(await run([...args, '--restart'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('continues pairs from the first part that is missing or damaged', async () => {
    const output = join(own, 'pairs.csv');
    const whole = join(own, 'whole.csv');
    const args = ['pairs', rows, '-t', '0.35', '--save-every', '0', '--threads', '1', '-q', '-o'];
    await run([...args, whole]);
    const partial = `${output}.partial`;
    for (const harm of ['remove', 'damage', 'all but the last']) {
      await interruptAt('pairs-000000004', [...args, output]);
      const parts = (await readdir(partial)).filter((name) => name.startsWith('pairs-'));
      expect(parts.length).toBeGreaterThan(3);
      if (harm === 'remove') await rm(join(partial, parts[1] as string));
      if (harm === 'damage') await writeFile(join(partial, parts[2] as string), 'nothing');
      if (harm === 'all but the last') for (const part of parts.slice(0, -1)) await rm(join(partial, part));
      expect(await run(['resume', output, '-q'])).toMatchObject({ code: 0, stderr: '' });
      expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
    }
  });

  it('writes no output if an input changes meanwhile', async () => {
    const input = join(own, 'input.npy');
    await cp(rows, input);
    const output = join(own, 'nearest.csv');
    const args = ['topk', input, '-q', '--save-every', '0', '--threads', '1', '-o', output];
    const { code, stderr } = await runHeldAt('state', args, () => cp(rows, input));
    expect([code, stderr]).toEqual([3, expect.stringContaining('input.npy changed while it was being read')]);
    expect(await readdir(own)).toEqual(['input.npy']);
  });

  it('cannot be continued if it does not exist', async () => {
    const { code, stderr } = await run(['resume', join(own, 'no.csv')]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('there is no unfinished run; no.csv.partial does not exist')]);
  });

  it('is protected from a second run at the same time', async () => {
    const output = join(own, 'nearest.csv');
    const args = ['topk', rows, '-q', '--save-every', '0', '--threads', '1', '-o', output];
    const first = await runHeldAt('state', args, async () => {
      const { code, stderr } = await run([...args, '--restart']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('belongs to a run in progress')]);
    });
    expect(first.code).toBe(0);
  });
});

describe('an output', () => {
  it('is refused before any work if it cannot be created', async () => {
    await mkdir(join(own, 'folder.csv'));
    await mkdir(join(own, 'mine.csv.partial'));
    await writeFile(join(own, 'mine.csv.partial/thesis.txt'), 'precious');
    await writeFile(join(own, 'file.csv.partial'), '');
    const cases = {
      'folder.csv': 'that is a folder',
      'missing/x.csv': 'there is no folder',
      'mine.csv':
        'mine.csv.partial is in the way: it holds thesis.txt, which no run wrote. Move it away, or choose another output',
      'file.csv': 'file.csv.partial is in the way: it is not a folder. Move it away, or choose another output',
    };
    for (const [name, message] of Object.entries(cases)) {
      for (const restart of [[], ['--restart']]) {
        const { code, stderr } = await run(['histogram', rows, '-o', join(own, name), ...restart]);
        expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
      }
    }
    expect(await readFile(join(own, 'mine.csv.partial/thesis.txt'), 'utf8')).toBe('precious');
    const same = await run(['topk', rows, '-o', rows]);
    expect([same.code, same.stderr]).toEqual([2, expect.stringContaining('that is an input')]);
  });

  it('of an earlier run is only discarded if the input can be opened', async () => {
    const output = join(own, 'nearest.csv');
    await interruptAt('state', ['topk', rows, '-q', '--save-every', '0', '--threads', '1', '-o', output]);
    expect((await run(['topk', `${rows}s`, '-o', output, '--restart'])).code).toBe(3);
    expect(await run(['resume', output, '-q'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('formats', () => {
  it('of rows are read by content and extension, from databases too', async () => {
    const x = await readNpy(rows);
    const few = { data: x.data.slice(0, 300 * 96) as Float32Array, shape: [300, 96] as [number, number] };
    const expected = Array.from((await topK(few, { k: 3 })).indices);
    const lines = Array.from({ length: 300 }, (_, row) => Array.from(few.data.subarray(row * 96, (row + 1) * 96)));
    const files: Record<string, Uint8Array | string> = {
      'rows.jsonl': lines.map((vector, id) => JSON.stringify({ id, vector })).join('\n'),
      'rows.csv': lines.map((vector) => vector.join(',')).join('\n'),
      'rows.fbin': Buffer.concat([new Uint8Array(Uint32Array.of(300, 96).buffer), new Uint8Array(few.data.buffer)]),
    };
    for (const [name, content] of Object.entries(files)) {
      const file = join(own, name);
      await writeFile(file, content);
      const got = await run(['topk', file, '-k', '3']);
      const note = name === 'rows.jsonl' ? `${file}: 300 rows of 96 numbers from column vector; not used: id\n` : '';
      expect([name, got.stderr]).toEqual([name, note]);
      expect(jsonLines(got).map(({ col }) => col)).toEqual(expected);
    }
    const piped = await run(['topk', '-', '-k', '3'], { input: Buffer.from(files['rows.jsonl'] as string) });
    expect(jsonLines(piped).map(({ col }) => col)).toEqual(expected);
    const named = await run(['topk', '-', '-k', '3', '--format', 'fbin'], { input: files['rows.fbin'] as Uint8Array });
    expect(jsonLines(named).map(({ col }) => col)).toEqual(expected);
    const unknown = await run(['topk', '-', '-k', '3'], { input: files['rows.fbin'] as Uint8Array });
    expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('neither its name nor its content shows')]);
    const query = `select * from '${join(own, 'rows.csv')}'`;
    const asked = await run(['topk', ':memory:', '--query', query, '-k', '3']);
    expect(jsonLines(asked).map(({ col }) => col)).toEqual(expected);
  });

  it('of records all have the same content', async () => {
    const x = await readNpy(sentences);
    const found = await pairs(x, { threshold: 0.8 });
    const expected = Array.from(found.rows, (row, at) => ({ row, col: found.cols[at], score: found.scores[at] }));
    const outputs = Object.fromEntries(['parquet', 'arrow', 'npz'].map((format) => [format, join(own, `pairs.${format}`)]));
    for (const output of Object.values(outputs)) {
      expect(await run(['pairs', sentences, '-t', '0.8', '-q', '-o', output])).toMatchObject({ code: 0, stderr: '' });
    }
    const bytes = await readFile(outputs.parquet as string);
    const file = new Uint8Array(bytes).buffer;
    expect(await parquetReadObjects({ file })).toEqual(expected);
    const database = await (await DuckDBInstance.create()).connect();
    const { rows: read } = await database
      .runAndReadAll(`select * from '${outputs.parquet}'`)
      .then((all) => ({ rows: all.getRowObjects() }));
    expect(read).toEqual(expected);
    const table = tableFromIPC(await readFile(outputs.arrow as string));
    expect(table.toArray().map((record) => record.toJSON())).toEqual(expected);
    const { 'cols.npy': cols } = unzipSync(await readFile(outputs.npz as string));
    expect(cols?.subarray(-4 * found.length)).toEqual(new Uint8Array(found.cols.buffer));
    const labelled = join(own, 'nearest.parquet');
    await run(['topk', sentences, '-k', '2', '--labels', `${tsv}:text`, '-q', '-o', labelled]);
    const [first] = await parquetReadObjects({ file: new Uint8Array(await readFile(labelled)).buffer });
    expect(first).toMatchObject({ row: 0, rank: 1, col: 703, row_label: 'She had been reading the book before you arrived.' });
  });

  it('of names are columns of any file that has text columns', async () => {
    const titles = Array.from({ length: 1500 }, (_, row) => `title, ${row}`);
    const jsonl = join(own, 'titles.jsonl');
    const csv = join(own, 'titles.csv');
    await writeFile(jsonl, titles.map((title) => JSON.stringify({ title })).join('\n'));
    await writeFile(csv, `id,title\n${titles.map((title, id) => `${id},"${title}"`).join('\n')}`);
    for (const labels of [`${jsonl}:title`, `${csv}:title`, `${csv}:2`]) {
      const [first] = jsonLines(await run(['topk', sentences, '-k', '1', '--labels', labels]));
      expect(first).toMatchObject({ row_label: 'title, 0', col_label: 'title, 703' });
    }
    const { code, stderr } = await run(['topk', sentences, '--labels', `${jsonl}:name`]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('titles.jsonl')]);
  });

  it('of the matrix: .npz holds the same as .npy', async () => {
    const [npy, npz] = [join(own, 'm.npy'), join(own, 'm.npz')];
    for (const output of [npy, npz]) await run(['matrix', sentences, '-q', '-o', output]);
    const { 'scores.npy': scores } = unzipSync(await readFile(npz));
    expect(Buffer.compare(scores as Uint8Array, await readFile(npy))).toBe(0);
  });
});

describe('--memory and --dry-run', () => {
  it('show the plan, and compute nothing', async () => {
    const output = join(own, 'nearest.csv');
    const [plan] = jsonLines(await run(['topk', rows, '-o', output, '--dry-run', '--json']));
    expect(plan).toMatchObject({ passes: 1, bytesRead: 12_000 * 96 * 4, resultBytes: 12_000 * 10 * 8, output });
    const memory = plan.memoryBytes - 2_000_000;
    const [small] = jsonLines(await run(['topk', rows, '--memory', `${memory}`, '--dry-run', '--json']));
    expect(small.passes).toBeGreaterThan(1);
    expect(small.memoryBytes).toBeLessThan(memory);
    const text = (await run(['matrix', rows, '--dry-run'], { terminal: true })).stdout.toString();
    expect(text).toContain('nothing was computed');
    expect(text).toMatch(/writes.* 549 MiB/);
    expect(await readdir(own)).toEqual([]);
  });

  it('give the same answer with little memory as with much', async () => {
    const [wide, narrow] = [join(own, 'wide.csv'), join(own, 'narrow.csv')];
    await run(['topk', rows, '-q', '-o', wide]);
    const [plan] = jsonLines(await run(['topk', rows, '--dry-run', '--json']));
    await run(['topk', rows, '-q', '-o', narrow, '--memory', `${plan.memoryBytes - 2_000_000}`]);
    expect((await readFile(narrow)).equals(await readFile(wide))).toBe(true);
    const { code, stderr } = await run(['topk', rows, '--memory', '100kB']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('this needs at least ')]);
    const wrong = await run(['topk', rows, '--memory', 'much']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Expected a size, for example 500MB or 2GiB.')]);
  });
});
