import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cosineSimilaritySync, decodeNpy, Matrix, readNpy, writeNpy } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomRows } from '../random.js';

/** Colours and cursor moves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ESCAPES = /\x1b\[[\d;]*[mK]/g;
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

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

interface Run {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs the command as a pipe sees it, or on a pseudo-terminal. */
async function run(
  args: string[],
  options: { input?: Uint8Array; terminal?: boolean; env?: Record<string, string> } = {},
): Promise<Run> {
  const command = [process.execPath, MAIN, ...args];
  const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: undefined, ...options.env };
  const child = options.terminal
    ? spawn('script', ['-qec', command.map((word) => `'${word}'`).join(' '), '/dev/null'], { env })
    : spawn(command[0] as string, command.slice(1), { env });
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.end(options.input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: Buffer.concat(out), stderr };
}

describe('allpairs matrix', () => {
  it('prints one line of JSON in a pipe, with a corner and a summary', async () => {
    const { code, stdout, stderr } = await run(['matrix', small]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines.length).toBe(1);
    const half = Math.fround(Math.SQRT1_2);
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      rows: 3,
      cols: 3,
      dtype: 'float32',
      backend: 'wasm',
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
    expect(text).toMatch(/1,797 x 1,797 scores in .* (ms|s) {2}wasm/);
    expect(text).toMatch(/highest +0\.9956 {2}rows 1585 and 1648/);
    expect(text).toMatch(/mean +0\.6883/);
    expect(text).toMatch(/0 +1\.0000 +0\.5191/);
    expect(text.split('\n').length).toBeLessThan(20);
  });

  it('writes .npy, for rows against themselves and against others', async () => {
    const out = join(folder, 'out.npy');
    expect((await run(['matrix', digits, '-o', out, '--quiet', '--threads', '2'])).stdout.length).toBe(0);
    const x = await readNpy(digits);
    const written = await readNpy(out);
    expect(Buffer.compare(bytesOf(written.data), bytesOf(cosineSimilaritySync(x).data))).toBe(0);

    const { stdout } = await run(['matrix', small, '--against', small, '-o', out, '--dtype', 'float64']);
    expect(JSON.parse(stdout.toString())).toMatchObject({ rows: 3, cols: 3, count: 9, output: out });
    expect((await readNpy(out)).data).toBeInstanceOf(Float64Array);
  });

  it('reads stdin and writes stdout where the name is -', async () => {
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

describe('exit codes', () => {
  it('2: wrong usage', async () => {
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

  it('3: bad input, with the file, the place and what was expected', async () => {
    const nan = join(folder, 'nan.npy');
    await writeNpy(nan, new Matrix(Float32Array.of(1, 2, 3, Number.NaN), [2, 2]));
    const text = join(folder, 'text.npy');
    await writeFile(text, 'hello');
    for (const [args, message] of [
      [['matrix', join(folder, 'none.npy')], 'none.npy: no such file\n'],
      [['matrix', text], 'text.npy: byte 0: not a .npy file'],
      [['matrix', folder], folder],
      [['matrix', nan], 'got NaN in row 1, column 1'],
      [['matrix', small, '--against', digits], 'expected rows of length 2 (as x has) for `y`, got rows of length 64'],
    ] as const) {
      const { code, stderr, stdout } = await run([...args]);
      expect([code, stdout.length], args.join(' ')).toEqual([3, 0]);
      expect(stderr).toContain(message);
      expect(stderr).not.toContain('    at ');
    }
    expect((await run(['matrix', nan, '--non-finite', 'zero'])).code).toBe(0);
  });

  it('1: failed, and no output file is left', async () => {
    const { code, stderr } = await run(['matrix', small, '-o', join(folder, 'no', 'such', 'folder.npy')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: ENOENT/);
  });

  it('130: interrupted, and no output file is left', async () => {
    const large = join(folder, 'large.npy');
    const rows = randomRows(8000, 512);
    await writeNpy(large, new Matrix(rows.data, rows.shape));
    const target = join(folder, 'interrupted.npy');
    const child = spawn(process.execPath, [MAIN, 'matrix', large, '-o', target]);
    setTimeout(() => child.kill('SIGINT'), 500);
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect((await readdir(folder)).filter((name) => name.includes('interrupted'))).toEqual([]);
  });

  it('0: a closed pipe is not an error', async () => {
    const script = `'${process.execPath}' '${MAIN}' matrix '${digits}' -o - | head -c 10 > /dev/null; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', script]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
    await once(child, 'close');
    expect(output).toBe('0\n');
  });
});

describe('help and info', () => {
  it('help begins with examples', async () => {
    for (const args of [['--help'], ['matrix', '--help'], ['info', '--help']]) {
      const { code, stdout } = await run(args);
      expect(code).toBe(0);
      expect(stdout.toString()).toMatch(/^Examples:\n {2}allpairs /);
    }
  });

  it('info gives version, runtime, cores and every backend with its reason', async () => {
    const info = JSON.parse((await run(['info'])).stdout.toString());
    expect(info).toMatchObject({ version: '0.1.0', backend: 'wasm', runtime: `Node.js ${process.versions.node}` });
    expect(info.backends.every(({ description }: { description: string }) => description.length > 10)).toBe(true);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
