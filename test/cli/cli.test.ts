import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bestPairs, cosineSimilaritySync, Matrix, readNpy, runtimeInfo, topK, writeNpy } from 'allpairs';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatRate } from '#src/cli/output.js';
import { CLEAR_LINE } from '#src/cli/progress.js';
import { decodeNpy } from '#src/io/rows/npy.js';
import { SOFTWARE_DRIVER } from '../backends/software-driver.js';
import { randomRows } from '../random.js';
import { until } from '../until.js';
import { jsonLines, MAIN, onTerminal, run } from './command.js';
import { importing } from './hold.js';

/** Colours and cursor movements. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ESCAPES = /\x1b\[[\d;]*[mK]/g;

let folder: string;
let digits: string;
let small: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-cli-'));
  digits = fileURLToPath(new URL('../../examples/data/digits.npy', import.meta.url));
  small = join(folder, 'small.npy');
  await writeNpy(small, new Matrix(Float32Array.of(1, 0, 1, 1, 0, 2), [3, 2]));
});
afterAll(() => rm(folder, { recursive: true }));

describe('allpairs matrix', () => {
  it('prints one line of JSON to a pipe, with a corner and a summary', async () => {
    const { code, stdout, stderr } = await run(['matrix', small]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines.length).toBe(1);
    const half = expect.closeTo(Math.SQRT1_2, 6);
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      rows: 3,
      cols: 3,
      dtype: 'float32',
      backend: runtimeInfo().backend,
      count: 3,
      highest: { row: 0, col: 1, score: half },
      lowest: { row: 0, col: 2, score: 0 },
      corner: [
        [1, half, 0],
        [half, 1, half],
        [0, half, 1],
      ],
    });
  });

  it('prints a corner and a summary on a terminal, not a million numbers', async () => {
    const { code, stdout } = await run(['matrix', digits], { terminal: true });
    const text = stdout.toString().replace(ESCAPES, '');
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`1,797 x 1,797 scores in .* (ms|s) {2}${runtimeInfo().backend}`));
    expect(text).toMatch(/highest +0\.9956 {2}rows 1585 and 1648/);
    expect(text).toMatch(/mean +0\.6883/);
    expect(text).toMatch(/0 +1\.0000 +0\.5191/);
    expect(text.split('\n').length).toBeLessThan(20);
  });

  it('writes .npy, for a self-comparison and with --against', async () => {
    const out = join(folder, 'out.npy');
    expect((await run(['matrix', digits, '-o', out, '--quiet', '--threads', '2'])).stdout.length).toBe(0);
    const x = await readNpy(digits);
    const written = await readNpy(out);
    expect(Buffer.compare(bytesOf(written.data), bytesOf(cosineSimilaritySync(x).data))).toBe(0);

    const args = ['matrix', small, '--against', small, '-o', out, '--dtype', 'float64', '--json'];
    const { stdout, stderr } = await run(args);
    expect(stdout.length).toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({ rows: 3, cols: 3, count: 9, output: out });
    expect((await readNpy(out)).data).toBeInstanceOf(Float64Array);
  });

  it('reads stdin and writes stdout if the name is -', async () => {
    const input = await readFile(small);
    const { code, stdout } = await run(['matrix', '-', '-o', '-'], { input });
    expect(code).toBe(0);
    const { data, shape } = decodeNpy(stdout);
    expect(shape).toEqual([3, 3]);
    expect(data[0]).toBe(1);
  });

  it('colours a terminal unless asked not to', async () => {
    expect((await run(['info'], { terminal: true })).stdout.toString()).toContain('\x1b[');
    expect((await run(['info', '--no-color'], { terminal: true })).stdout.toString()).not.toContain('\x1b[');
    expect((await run(['info'], { terminal: true, env: { NO_COLOR: '1' } })).stdout.toString()).not.toContain('\x1b[');
  });
});

describe('the summary of a command with -o', () => {
  const common = { rows: 3, cols: 3, dtype: 'float32', backend: expect.any(String), seconds: expect.any(Number) };

  it.each<[name: string, args: string[], facts: object]>([
    ['topk', ['topk', '-k', '9'], { k: 2 }],
    ['pairs', ['pairs', '-t', '0.7'], { threshold: 0.7, pairs: 2 }],
    ['pairs --best', ['pairs', '--best', '1'], { pairs: 1 }],
    ['groups', ['groups', '-t', '0.7'], { threshold: 0.7, groups: 1, rowsInGroups: 3, rowsKept: 1 }],
    [
      'histogram',
      ['histogram', '--bins', '4'],
      { bins: 4, total: 3, minimum: 0, maximum: expect.closeTo(Math.SQRT1_2), mean: expect.any(Number) },
    ],
  ])('is one line of JSON with --json: %s', async (_, [command = '', ...args], facts) => {
    const output = join(folder, 'summary.jsonl');
    const { code, stdout, stderr } = await run([command, small, ...args, '-o', output, '--json']);
    expect([code, stdout.length]).toEqual([0, 0]);
    expect(stderr.split('\n').length).toBe(2);
    expect(JSON.parse(stderr)).toEqual({ ...common, ...facts, output });
    expect((await run([command, small, ...args, '-o', output, '--json', '--quiet'])).stderr).toBe('');
    expect((await run([command, small, ...args, '-o', output])).stderr).toMatch(/^3 scores in .*\nwrote .*summary\.jsonl\n$/s);
  });

  it('names the file of --keep, and does not count rows that were left out', async () => {
    const [input, output, keep] = ['holes.jsonl', 'holes.csv', 'kept.txt'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(input, '{"v":[1,0]}\n{"v":null}\n{"v":[1,0]}\n{"v":[0,1]}\n');
    const args = ['groups', input, '-t', '0.9', '--nulls', 'skip', '-o', output, '--keep', keep, '--json'];
    const { stderr } = await run(args);
    const summary = JSON.parse(stderr.trimEnd().split('\n').at(-1) as string);
    expect(summary).toMatchObject({ groups: 1, rowsInGroups: 2, rowsKept: 2, keep, output });
    expect(await readFile(keep, 'utf8')).toBe('0\n3\n');
  });
});

describe('exit codes', () => {
  it('are 2 for wrong usage', async () => {
    for (const args of [
      ['frob'],
      ['matrix'],
      ['matrix', small, '--threads', 'no'],
      ['matrix', small, '--dtype', 'int8'],
      ['matrix', small, '--frob'],
    ]) {
      const { code, stderr } = await run(args);
      expect(code, args.join(' ')).toBe(2);
      expect(stderr).toContain('error: ');
    }
  });

  it('are 3 for bad input, with the file, the position and what was expected', async () => {
    const nan = join(folder, 'nan.npy');
    await writeNpy(nan, new Matrix(Float32Array.of(1, 2, 3, Number.NaN), [2, 2]));
    const text = join(folder, 'text.npy');
    await writeFile(text, 'hello');
    const empties = join(folder, 'empties');
    await mkdir(empties);
    const empty = join(folder, 'empty.npy');
    await writeFile(empty, '');
    for (const [args, message] of [
      [['matrix', join(folder, 'none.npy')], 'none.npy: no such file\n'],
      [['matrix', text], 'text.npy: byte 0: not a .npy file'],
      [['matrix', empties], `error: ${empties}: the folder holds no files of rows\n`],
      [['topk', small, '--labels', folder], `error: ${folder}: that is a folder; expected a file\n`],
      [['matrix', empty], 'empty.npy: the file is empty; expected data as npy\n'],
      [
        ['topk', nan],
        `error: expected finite numbers in ${nan}, got NaN in row 1, column 1; --non-finite zero treats such rows as`,
      ],
      [['pairs', small, '-t', '0', '--against', nan], `error: expected finite numbers in --against ${nan}, got NaN in row 1,`],
      [['matrix', nan, '-o', join(folder, 'nan-out.npy')], `expected finite numbers in ${nan}, got NaN`],
      [
        ['matrix', small, '--against', digits],
        `expected rows of length 2 (as ${small} has) for --against ${digits}, got rows of length 64\n`,
      ],
    ] as const) {
      const { code, stderr, stdout } = await run([...args]);
      expect([code, stdout.length], args.join(' ')).toEqual([3, 0]);
      expect(stderr).toContain(message);
      expect(stderr).not.toContain('    at ');
    }
    expect((await run(['matrix', nan, '--non-finite', 'zero'])).code).toBe(0);
    expect((await run(['topk', '-'], { input: await readFile(nan) })).stderr).toContain(
      'expected finite numbers in stdin, got',
    );
  });

  it('are 2 for an output that cannot be created', async () => {
    const { code, stderr } = await run(['matrix', small, '-o', join(folder, 'no', 'such', 'folder.npy')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no folder')]);
  });

  it('are 1 for failures', async () => {
    const { code, stderr } = await run(['matrix', small, '--memory', '1kB']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: this needs at least \d+ MiB of memory; run it with --memory \d+MiB or more\n$/),
    ]);
  });

  it('are 1 for names that use up --memory', async () => {
    const names = join(folder, 'names.txt');
    await writeFile(names, 'a\nb\nc\n');
    const { code, stderr } = await run(['topk', small, '--labels', names, '--memory', '50B']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('error: this needs at least ')]);
  });

  it('are 130 for an interrupt with nothing to resume', async () => {
    const large = join(folder, 'large.npy');
    const rows = randomRows(12_000, 256);
    await writeNpy(large, new Matrix(rows.data, rows.shape));
    const command = [process.execPath, MAIN, 'topk', large, '--threads', '1', '--backend', 'reference'];
    const child = spawn('script', onTerminal(command), { env: { ...process.env, NO_COLOR: '1' } });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    const closed = once(child, 'close');
    // The progress line.
    await until('it computes', () => text.includes(' %') || child.exitCode !== null);
    child.stdin.write('\x03');
    const [code] = await closed;
    expect([code, text.split(CLEAR_LINE).at(-1)]).toEqual([130, expect.stringMatching(/^(\^C)?interrupted\r\n$/)]);
  });

  it('are 130 for an interrupt while reading, even before the first byte', async () => {
    const child = spawn(process.execPath, [MAIN, 'topk', '-']);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    const closed = once(child, 'close');
    // More than fits in a pipe, so the reader must read all of it.
    await new Promise((resolve) => child.stdin.write('1,2,3\n'.repeat(200_000), resolve));
    child.kill('SIGINT');
    const [code] = await closed;
    expect([code, stderr]).toEqual([130, 'interrupted\n']);
    const env = { NODE_OPTIONS: importing('interrupt-early.mjs') };
    expect(await run(['topk', small], { env })).toMatchObject({ code: 130, stderr: 'interrupted\n' });
  });

  it('are 1 for a pipe that is closed early', async () => {
    const script = `'${process.execPath}' '${MAIN}' matrix '${digits}' -o - | head -c 10 > /dev/null; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', script]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
    await once(child, 'close');
    expect(output).toBe('error: cannot write to stdout: its reader closed it before the end (EPIPE)\n1\n');
  });
});

describe('help and info', () => {
  it('begin with examples', async () => {
    for (const args of [['--help'], ['matrix', '--help'], ['info', '--help']]) {
      const { code, stdout } = await run(args);
      expect(code).toBe(0);
      expect(stdout.toString()).toMatch(/^Examples:\n {2}allpairs /);
    }
  });

  it('show version, runtime, cores and every backend with its reason', async () => {
    const info = JSON.parse((await run(['info'])).stdout.toString());
    expect(info).toMatchObject({
      version: '0.1.0',
      backend: runtimeInfo().backend,
      runtime: `Node.js ${process.versions.node}`,
    });
    expect(info.backends.every(({ description }: { description: string }) => description.length > 10)).toBe(true);
  });

  it('info prints no warnings of graphics drivers, and gives the reason why there is no GPU', async () => {
    const { code, stdout, stderr } = await run(['info'], { env: { VK_DRIVER_FILES: '/dev/null' } });
    expect([code, stderr]).toEqual([0, '']);
    const { backends } = JSON.parse(stdout.toString());
    const { available, description } = backends.find(({ name }: { name: string }) => name === 'webgpu');
    // On macOS and Windows, WebGPU does not use these drivers.
    if (process.platform === 'linux') expect([available, description]).toEqual([false, expect.stringContaining('no adapter')]);
  });

  it('a command that names a GPU prints no warnings of graphics drivers either', async () => {
    const args = ['topk', small, '-k', '1', '--backend', 'webgpu-software'];
    const { code, stderr } = await run(args, { env: { VK_DRIVER_FILES: '/dev/null' } });
    // On macOS and Windows, WebGPU does not use these drivers.
    if (process.platform !== 'linux') return;
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^error: backend 'webgpu-software' cannot run here: [^\n]+$/);
  });

  it('a rate below a million per second keeps its digits', () => {
    expect(formatRate(244_650, 7.4)).toBe('33,061/s');
    expect(formatRate(3e9, 2)).toBe('1,500 million/s');
  });

  it('info looks for a GPU on the processor if the environment names it', async () => {
    const env = { VK_DRIVER_FILES: SOFTWARE_DRIVER ?? '/dev/null', ALLPAIRS_BACKEND: 'webgpu-software' };
    const { backend, backends } = JSON.parse((await run(['info'], { env })).stdout.toString());
    const { available, description } = backends.find(({ name }: { name: string }) => name === backend);
    expect(backend).toBe('webgpu-software');
    expect(description).not.toContain('a call that names it');
    if (SOFTWARE_DRIVER) expect([available, description]).toEqual([true, expect.stringContaining('SwiftShader')]);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));
const tsv = sentences.replace('.npy', '.tsv');
describe('allpairs topk', () => {
  it('prints a record per neighbour to a pipe, with the names of the rows', async () => {
    const all = jsonLines(await run(['topk', sentences, '-k', '2', '--labels', `${tsv}:text`]));
    expect(all.length).toBe(3000);
    expect(all[0]).toEqual({
      row: 0,
      row_label: 'She had been reading the book before you arrived.',
      rank: 1,
      col: 703,
      col_label: 'Она читает книгу каждый вечер перед сном.',
      score: expect.closeTo(0.552539, 6),
    });
    const [first] = jsonLines(await run(['topk', small, '-k', '1', '--against', small, '-o', '-']));
    expect(first).toEqual({ row: 0, rank: 1, col: 0, score: 1 });
  });

  it('shows some rows on a terminal', async () => {
    const { stdout } = await run(['topk', sentences, '-k', '3', '--labels', tsv], { terminal: true });
    const text = stdout.toString().replace(ESCAPES, '');
    expect(text).toMatch(/^1,124,250 scores in /);
    expect(text).toContain('███████░░░░░  0.5525  Она читает книгу каждый вечер перед сном.');
    expect(text).toContain('and 1,495 more rows');
  });

  it('writes the same content in every format', async () => {
    const { indices, scores } = await topK(await readNpy(sentences), { k: 4 });
    for (const format of ['npy', 'npz', 'csv', 'jsonl']) {
      const path = join(folder, `top.${format}`);
      expect((await run(['topk', sentences, '-k', '4', '-q', '-o', path])).stdout.toString()).toBe('');
    }
    const csv = (await readFile(join(folder, 'top.csv'), 'utf8')).trimEnd().split('\n');
    expect(csv[0]).toBe('row,rank,col,score');
    const jsonl = (await readFile(join(folder, 'top.jsonl'), 'utf8')).trimEnd().split('\n');
    const records = (await readFile(join(folder, 'top.npy'))).subarray(-16 * 6000);
    const zip = unzipSync(await readFile(join(folder, 'top.npz')));
    expect(Object.keys(zip)).toEqual(['indices.npy', 'scores.npy']);
    expect(decodeNpy(zip['indices.npy'] as Uint8Array)).toMatchObject({ data: indices, shape: [1500, 4] });
    expect(decodeNpy(zip['scores.npy'] as Uint8Array)).toMatchObject({ data: scores, shape: [1500, 4] });
    for (let at = 0; at < 6000; at += 7) {
      const record = { row: Math.floor(at / 4), rank: (at % 4) + 1, col: indices[at] as number };
      const { score, ...rest } = JSON.parse(jsonl[at] as string);
      expect(rest).toEqual(record);
      expect(Math.fround(score)).toBe(scores[at]);
      expect(csv[at + 1]).toBe([...Object.values(record), score].join());
      expect([0, 4, 8].map((offset) => records.readUInt32LE(16 * at + offset))).toEqual(Object.values(record));
      expect(records.readFloatLE(16 * at + 12)).toBe(scores[at]);
    }
  });
});

describe('allpairs pairs', () => {
  it('prints every pair to a pipe, and shows the best on a terminal', async () => {
    const all = jsonLines(await run(['pairs', sentences, '--threshold', '0.8']));
    expect(all.length).toBe(335);
    expect(all[0]).toEqual({ row: 13, col: 554, score: expect.closeTo(0.821798, 6) });
    const shown = await run(['pairs', sentences, '-t', '0.8', '--labels', tsv], { terminal: true });
    const text = shown.stdout.toString().replace(ESCAPES, '');
    expect(text).toContain('335 pairs at or above 0.8');
    expect(text).toContain('1.0000  342 440    El que madruga, Dios lo ayuda.');
    expect(text).toContain('and 315 more');
  });

  it('writes files, including labels', async () => {
    const path = join(folder, 'pairs.csv');
    const { stdout, stderr } = await run(['pairs', sentences, '-t', '0.93', '--labels', `${tsv}:2`, '-o', path]);
    expect(stdout.toString()).toBe('');
    expect(stderr).toContain(`63 pairs at or above 0.93\nwrote ${path}\n`);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe('row,row_label,col,col_label,score');
    // A name with a comma is quoted.
    expect(lines).toContain('342,"El que madruga, Dios lo ayuda.",440,"El que madruga, Dios lo ayuda.",1');
    const npz = join(folder, 'pairs.npz');
    await run(['pairs', sentences, '-t', '0.8', '-o', npz]);
    const { 'rows.npy': rows, 'cols.npy': cols, 'scores.npy': scores } = unzipSync(await readFile(npz));
    const lengths = [rows, cols, scores].map((bytes) => bytes?.length);
    expect(new Set(lengths).size).toBe(1);
    const npy = join(folder, 'pairs.npy');
    await run(['pairs', sentences, '-t', '0.8', '-o', npy]);
    const bytes = await readFile(npy);
    expect(bytes.length % 64).toBe((335 * 12) % 64);
    expect(bytes.toString('latin1')).toContain(
      "[('row', '<u4'), ('col', '<u4'), ('score', '<f4')], 'fortran_order': False, 'shape': (335,)",
    );
  });
});

describe('allpairs pairs --best', () => {
  it('writes the pairs with the highest scores, best first', async () => {
    const x = await readNpy(sentences);
    const want = await bestPairs(x, 25);
    const got = jsonLines(await run(['pairs', sentences, '--best', '25']));
    expect(got).toEqual(
      Array.from(want.rows, (row, at) => ({ row, col: want.cols[at], score: expect.closeTo(want.scores[at] as number, 7) })),
    );
    const path = join(folder, 'best.csv');
    const { stderr } = await run(['pairs', sentences, '--best', '25', '-o', path]);
    expect(stderr).toContain('the 25 best pairs');
    expect((await readFile(path, 'utf8')).split('\n')[1]).toMatch(new RegExp(`^${want.rows[0]},${want.cols[0]},`));
    const shown = await run(['pairs', sentences, '--best', '3', '--labels', tsv], { terminal: true });
    expect(shown.stdout.toString()).toContain((want.scores[2] as number).toFixed(4));
  });

  it('shows its plan, and refuses a threshold', async () => {
    const { code, stdout } = await run(['pairs', sentences, '--best', '25', '--dry-run', '--json']);
    expect([code, JSON.parse(stdout.toString()).passes]).toEqual([0, 1]);
    const { code: wrong, stderr } = await run(['pairs', sentences, '--best', '25', '-t', '0.5']);
    expect([wrong, stderr]).toEqual([2, expect.stringContaining('--best <count>')]);
  });
});

describe('allpairs score', () => {
  it('scores the pairs of a table, by number or name', async () => {
    const path = join(folder, 'given.csv');
    await run(['pairs', sentences, '-t', '0.9', '-o', path]);
    const scored = join(folder, 'scored.csv');
    const { stderr } = await run(['score', sentences, '--pairs', path, '-o', scored]);
    expect(stderr).toMatch(/^103 scores in .*\nwrote .*scored\.csv\n$/);
    expect(await readFile(scored, 'utf8')).toBe(await readFile(path, 'utf8'));
    const tabs = join(folder, 'given.tsv');
    await writeFile(tabs, (await readFile(path, 'utf8')).replaceAll(',', '\t'));
    await run(['score', sentences, '--pairs', tabs, '-o', scored, '--overwrite']);
    expect(await readFile(scored, 'utf8')).toBe(await readFile(path, 'utf8'));
    const lines = jsonLines(await run(['score', sentences, '--against', sentences, '--pairs', scored, '--labels', `${tsv}:2`]));
    expect(lines.length).toBe(103);
    expect(lines[0]).toMatchObject({ row_label: expect.any(String), score: expect.any(Number) });
  });

  it('compares row i with row i, and refuses inputs of different lengths', async () => {
    const found = jsonLines(await run(['score', sentences, '--against', sentences]));
    expect(found.length).toBe(1500);
    expect(found[7]).toEqual({ row: 7, col: 7, score: 1 });
    const path = join(folder, 'wrong.csv');
    await writeFile(path, 'row,col\n0,1\n3,1500\n');
    const refusals = [
      [['score', sentences], 2, 'give --against, or --pairs'],
      [['score', sentences, '--pairs', 'pairs.txt'], 3, 'pairs.txt'],
      [['score', sentences, '--pairs', path], 3, 'expected a row number below 1500 in column col of pair 1, got "1500"'],
      [['score', sentences, '--pairs', tsv.replace('.tsv', '.csv')], 3, 'sentences.csv'],
      [['score', sentences, '--against', sentences, '--nulls', 'skip'], 2, 'use --nulls zero'],
      [['score', sentences, '--pairs', path, '-o', path], 2, 'that is an input'],
    ] as const;
    for (const [args, code, message] of refusals) {
      const refused = await run(args);
      expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(message)]);
    }
  });
});

describe('allpairs groups', () => {
  it('prints a group per line, and writes which rows to keep', async () => {
    const kept = join(folder, 'kept.txt');
    const all = jsonLines(await run(['groups', sentences, '-t', '0.9', '--keep', kept]));
    expect(all.length).toBe(50);
    expect(all[0]).toMatchObject({ group: 0, size: 10, representative: 1390 });
    const lines = (await readFile(kept, 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBe(1429);
    expect(lines).toContain('1390');
    expect(lines).not.toContain('1391');
  });

  it('shows groups, writes files, and finds communities', async () => {
    const args = ['groups', sentences, '-t', '0.7', '--method', 'community', '--minimum-size', '5', '--labels', tsv];
    const text = (await run(args, { terminal: true })).stdout.toString().replace(ESCAPES, '');
    expect(text).toContain('29 groups of 228 rows; keeping one row of each leaves 1,301 of 1,500 rows');
    // NumPy files hold no labels.
    const unnamed = args.slice(0, -2);
    for (const format of ['npy', 'npz']) await run([...unnamed, '-o', join(folder, `groups.${format}`)]);
    for (const format of ['csv', 'jsonl']) await run([...args, '-o', join(folder, `groups.${format}`)]);
    const { labels, representatives } = Object.fromEntries(
      Object.entries(unzipSync(await readFile(join(folder, 'groups.npz')))).map(([name, bytes]) => [name.slice(0, -4), bytes]),
    );
    expect(labels?.length).toBeGreaterThan(1500 * 4);
    expect(representatives?.length).toBe(128 + 29 * 4);
    expect((await readFile(join(folder, 'groups.csv'), 'utf8')).trimEnd().split('\n').length).toBe(229);
    expect((await readFile(join(folder, 'groups.jsonl'), 'utf8')).trimEnd().split('\n').length).toBe(29);
  });
});

describe('the details that allpairs groups reports', () => {
  it('include the score with the representative and the lowest score inside, in every format', async () => {
    const args = ['groups', sentences, '-t', '0.8', '--explain'];
    const found = jsonLines(await run(args)) as { rows: number[]; scores: number[]; lowest_score: number }[];
    const csv = join(folder, 'told.csv');
    const npz = join(folder, 'told.npz');
    for (const output of [csv, npz]) await run([...args, '-o', output]);
    const [header, ...lines] = (await readFile(csv, 'utf8')).trimEnd().split('\n');
    expect(header).toBe('group,row,representative,score,lowest_score');
    const told = found.flatMap(({ rows, scores, lowest_score }, group) =>
      rows.map((row, at) => [group, row, scores[at], lowest_score]),
    );
    expect(
      lines.map((line) => line.split(',').map(Number)).map(([group, row, , score, lowest]) => [group, row, score, lowest]),
    ).toEqual(
      told.map(([group, row, score, lowest]) => [
        group,
        row,
        expect.closeTo(score as number, 6),
        expect.closeTo(lowest as number, 6),
      ]),
    );
    const scores = unzipSync(await readFile(npz))['scores.npy'] as Uint8Array;
    const ofRows = new Float32Array(scores.slice(-4 * 1500).buffer);
    for (const [, row, score] of told) expect(ofRows[row as number]).toBe(score);
    expect(ofRows.filter((score) => !Number.isNaN(score)).length).toBe(told.length);
    expect((await run(['groups', sentences, '-t', '0.8'])).stdout.toString()).not.toContain('lowest');
  });

  it('are right with --keep-rows and with complete groups', async () => {
    const kept = join(folder, 'some.txt');
    const { stderr } = await run([
      'groups',
      sentences,
      '-t',
      '0.5',
      '--keep-rows',
      '1000',
      '--keep',
      kept,
      '-o',
      join(folder, 'some.jsonl'),
    ]);
    expect((await readFile(kept, 'utf8')).trimEnd().split('\n').length).toBe(1000);
    expect(stderr).toMatch(/at 0\.71\d*; keeping one row of each leaves 1,000 of 1,500 rows/);
    const complete = jsonLines(await run(['groups', sentences, '-t', '0.6', '--method', 'complete'])) as {
      lowest_score: number;
    }[];
    expect(Math.min(...complete.map(({ lowest_score }) => lowest_score))).toBeGreaterThan(0.599);
    const refused = await run(['groups', sentences, '-t', '0.6', '--method', 'complete', '--keep-rows', '7']);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--keep-rows works with --method components')]);
    const triples = await run(['groups', sentences, '-t', '0.6', '--minimum-size', '3', '--keep-rows', '7']);
    expect([triples.code, triples.stderr]).toEqual([2, expect.stringContaining('--minimum-size')]);
  });
});

describe('allpairs linkage', () => {
  it('writes what SciPy reads, and the same as records', async () => {
    const [npy, csv] = [join(folder, 'tree.npy'), join(folder, 'tree.csv')];
    for (const output of [npy, csv]) expect((await run(['linkage', sentences, '-o', output])).code).toBe(0);
    const tree = await readNpy(npy);
    expect([tree.shape, tree.data.constructor]).toEqual([[1499, 4], Float64Array]);
    const records = (await readFile(csv, 'utf8'))
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
    expect(records).toEqual(
      Array.from({ length: 1499 }, (_, merge) => Array.from(tree.data.subarray(4 * merge, 4 * merge + 4))),
    );
    expect(jsonLines(await run(['linkage', sentences])).length).toBe(1499);
  });

  it('shows the number of clusters, and its plan', async () => {
    const text = (await run(['linkage', sentences, '--method', 'complete'], { terminal: true })).stdout
      .toString()
      .replace(ESCAPES, '');
    expect(text).toContain('1,499 merges of 1,500 rows, by method complete');
    expect(text).toMatch(/clusters +above height/);
    expect((await run(['linkage', sentences, '--dry-run', '--json'])).stdout.toString()).toContain('memoryBytes');
    const refused = await run(['linkage', sentences, '--nulls', 'skip']);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('linkage cannot show')]);
  });
});

describe('allpairs histogram', () => {
  it('prints one line of JSON to a pipe, and draws on a terminal', async () => {
    const [found] = jsonLines(await run(['histogram', sentences, '--bins', '40']));
    expect(found).toMatchObject({ total: 1124250, maximum: 1 });
    expect(found.atOrAbove[36]).toBe(335);
    const text = (await run(['histogram', sentences], { terminal: true })).stdout.toString().replace(ESCAPES, '');
    expect(text).toMatch(/-0\.10 {2}█{40} {2}274,092 {4}1,046,095/);
    expect(text).toContain('minimum -0.2100   mean 0.1298   maximum 1.0000');
    const path = join(folder, 'histogram.csv');
    await run(['histogram', sentences, '-o', path]);
    expect(await readFile(path, 'utf8')).toContain('\n0.8,0.85,146,335\n');
  });
});

describe('wrong labels and outputs', () => {
  it('cause errors that say what was expected', async () => {
    const cases = [
      [['topk', small, '--labels', tsv], 3, 'expected 3 lines (or one more, with column names) for 3 rows, got 1501'],
      [['topk', sentences, '--labels', `${tsv}:title`], 3, 'no column title; there are language, text'],
      [['topk', sentences, '--labels', 'missing.txt'], 3, 'missing.txt: no such file'],
      [
        ['pairs', sentences, '-t', '0.9', '-o', 'pairs.xlsx'],
        2,
        'expected a file name that ends in .csv, .jsonl, .npy, .parquet, .arrow, .npz',
      ],
      [['pairs', sentences], 2, 'pairs needs -t, --threshold <score> or --best <count>, for example: allpairs pairs '],
      [
        ['pairs', sentences, '--best', '5', '--save-every', '1', '-o', 'p.csv'],
        2,
        '--save-every: pairs --best saves nothing before its end',
      ],
      [
        ['groups', sentences, '-t', '0.9', '--method', 'community', '--save-every', '1'],
        2,
        '--save-every: groups --method community saves nothing before its end; leave the option out',
      ],
      [['pairs', sentences, '-t', '1.5'], 2, 'Expected a number from -1 to 1, for example 0.9.'],
    ] as const;
    for (const [args, code, message] of cases) {
      const got = await run([...args]);
      expect(got.stderr).toContain(message);
      expect(got.code).toBe(code);
    }
  });
});
