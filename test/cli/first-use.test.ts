// What a new user meets: mistyped arguments, pipes, status lines, help.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createProgram } from '#src/cli/program.js';
import { decodeNpy } from '#src/io/rows/npy.js';
import { jsonLines, MAIN, type Run, run } from './command.js';

// Looks for package.json where the built command finds it.
vi.mock('#src/cli/version.js', () => ({ VERSION: '0.0.0' }));

const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));
const tsv = sentences.replace('.npy', '.tsv');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-first-use-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Returns the error of parsing `args`, and the help that it names. No action runs. */
async function refusal(...args: string[]): Promise<string> {
  const program = createProgram(new AbortController().signal);
  for (const command of program.commands) command.action(() => {});
  const error = await program.parseAsync(['node', 'allpairs', ...args]).then(
    () => undefined,
    (reason) => reason,
  );
  return error ? `${error.message} (${error.help})` : '';
}

describe('arguments', () => {
  it.each([
    [['pairs', 'x.npy', '--treshold', '0.9'], "unknown option '--treshold'; did you mean --threshold? (allpairs pairs --help)"],
    [['pairs', 'x.npy', '--treshold=0.9'], "unknown option '--treshold'; did you mean --threshold? (allpairs pairs --help)"],
    [['pairs', '--treshold'], "unknown option '--treshold'; did you mean --threshold? (allpairs pairs --help)"],
    [['--hepl'], "unknown option '--hepl'; did you mean --help? (allpairs --help)"],
    [['topK', 'x.npy'], "unknown command 'topK'; did you mean topk? (allpairs --help)"],
    [['pair', 'x.npy'], "unknown command 'pair'; did you mean pairs? (allpairs --help)"],
    [['topk'], 'topk needs an argument, for example: allpairs topk embeddings.npy -k 10 (allpairs topk --help)'],
    [['info', 'a'], 'info takes no arguments, but got 1: a (allpairs info --help)'],
    [
      ['pairs', 'x.npy'],
      'pairs needs -t, --threshold <score> or --best <count>, for example: allpairs pairs embeddings.npy --threshold 0.9 (allpairs pairs --help)',
    ],
    [
      ['plan', 'x.npy', '-k', '3'],
      'plan needs -o, --output <job> or --dry-run, for example: allpairs plan embeddings.npy --top-k 10 --shards 400 -o job/ (allpairs plan --help)',
    ],
    [['plan', 'x.npy', '-k', '3', '--dry-run'], ''],
    [['topk', 'x.npy', '--top-k', '3'], ''],
    [['topk', 'x.npy', '-k', '3'], ''],
  ])('%j', async (args, expected) => {
    expect(await refusal(...args)).toBe(expected);
  });

  it.each([
    ['-k, --top-k <count>', ['5.5', '0', '-1', '', '1e2', 'ten'], 'Expected a whole number from 1, for example 10.'],
    ['--threads <count>', ['1e9', '0', '-4', ''], 'Expected a whole number from 1, for example 10.'],
    ['--memory <size>', ['', '-1GiB', '0', '1e3', '2 gallons'], 'Expected a size, for example 500MB or 2GiB.'],
    ['--memory <size>', ['10'], 'Expected a unit, for example 10MiB, 10GiB, or 10B for bytes.'],
    ['--save-every <seconds>', ['-1', '', 'often'], 'Expected a number of seconds from 0, for example 2.'],
  ])('refuse a wrong number for %s, with what is expected and an example', async (flags, values, expected) => {
    const option = /--[a-z-]+/.exec(flags)?.[0] as string;
    for (const value of values) {
      const message = `option '${flags}' argument '${value}' is invalid. ${expected} (allpairs topk --help)`;
      expect(await refusal('topk', 'x.npy', option, value)).toBe(`error: ${message}`.slice(7));
    }
  });

  it('refuse a threshold outside -1 to 1, with an example', async () => {
    for (const value of ['1.2', '-1.01', '0,9', '', 'high']) {
      expect(await refusal('pairs', 'x.npy', '-t', value)).toContain('Expected a number from -1 to 1, for example 0.9.');
    }
    expect(await refusal('pairs', 'x.npy', '-t', '-.5')).toBe('');
  });

  it('accept sizes in decimal and binary units', async () => {
    for (const size of ['2gb', '2GB', '1.5GiB', '512M', '100kB', '10B', '1073741824']) {
      expect(await refusal('topk', 'x.npy', '--memory', size)).toBe('');
    }
  });
});

/** Runs the command with stdout redirected by a shell. */
async function runInto(redirection: string, args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn('bash', ['-c', `"$0" "$@" ${redirection}`, process.execPath, MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return ended(child);
}

/** Runs the command after the reader of its stdout has left. */
async function runUnread(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn('bash', ['-c', 'read -r go; exec "$0" "$@"', process.execPath, MAIN, ...args]);
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.end('go\n');
  return ended(child);
}

async function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr: withoutDriverWarnings(stderr) };
}

/** What the Vulkan loader writes if `info` looks for a GPU and there is no driver. */
function withoutDriverWarnings(stderr: string): string {
  return stderr.replace(/^Warning: vkCreateInstance.*?\n\n/s, '');
}

const PRINTING: readonly (readonly string[])[] = [
  ['topk', sentences],
  ['topk', sentences, '-o', '-'],
  ['pairs', sentences, '-t', '0.5'],
  ['groups', sentences, '-t', '0.9'],
  ['groups', sentences, '-t', '0.9', '--keep', '-'],
  ['histogram', sentences],
  ['matrix', sentences],
  ['matrix', sentences, '-o', '-'],
  ['topk', sentences, '--dry-run'],
  ['info'],
  ['--help'],
  ['topk', '--help'],
  ['--version'],
];

describe('stdout', () => {
  const printing = PRINTING.map((args) => [args.join(' ').replaceAll(sentences, 'x.npy'), args] as const);

  it.skipIf(process.platform !== 'linux').each(printing)(
    'that is full ends with one line and exit code 1: %s',
    async (_, args) => {
      const stderr = 'error: cannot write to stdout: no space left on device (ENOSPC)\n';
      expect(await runInto('> /dev/full', args)).toEqual({ code: 1, stderr });
    },
  );

  it.each(printing)('ends the command with one line and exit code 1 if its reader has left: %s', async (_, args) => {
    const stderr = 'error: cannot write to stdout: its reader closed it before the end (EPIPE)\n';
    expect(await runUnread(args)).toEqual({ code: 1, stderr });
  });

  it('receives every byte if it is a file', async () => {
    const path = join(folder, 'matrix.npy');
    expect(await runInto(`> '${path}'`, ['matrix', sentences, '-o', '-'])).toEqual({ code: 0, stderr: '' });
    expect(decodeNpy(await readFile(path)).shape).toEqual([1500, 1500]);
  });

  it.each([
    ['topk', []],
    ['pairs', ['-t', '0.9']],
    ['groups', ['-t', '0.9']],
    ['histogram', []],
    ['matrix', []],
  ])('contains only results, and stderr the status lines: %s', async (command, options) => {
    const output = join(folder, `status-${command}.npz`);
    const printed = (...more: string[]) => run([command, sentences, ...options, ...more, '-o', output]);
    for (const more of [[], ['--json']]) {
      const { code, stdout, stderr } = await printed(...more);
      expect([code, stdout.toString()]).toEqual([0, '']);
      if (more.length === 0) expect(stderr).toContain(`wrote ${output}\n`);
    }
    expect(await printed('-q')).toMatchObject({ code: 0, stderr: '' });
  });

  it('contains the costs of a job, and stderr what was done', async () => {
    const job = join(folder, 'job');
    const planned = await run(['plan', sentences, '-k', '3', '--shards', '2', '-o', job, '--json']);
    expect(jsonLines(planned)).toMatchObject([{ shards: 2, job }]);
    for (const index of ['0', '1', '2'].slice(0, jsonLines(planned)[0].shards)) {
      const { stdout, stderr } = await run(['run-shard', job, '--index', index]);
      expect([stdout.toString(), stderr]).toEqual(['', `shard ${index} of ${job}: done\n`]);
    }
    const merged = join(folder, 'merged.csv');
    const { stdout, stderr } = await run(['merge', job, '-o', merged]);
    expect([stdout.toString(), stderr]).toEqual(['', `wrote ${merged}\n`]);
  });

  it('receives the rows of --keep -', async () => {
    const kept = join(folder, 'kept.txt');
    await run(['groups', sentences, '-t', '0.9', '--keep', kept]);
    const expected = await readFile(kept, 'utf8');
    expect(expected.split('\n').length).toBe(1430);
    const output = join(folder, 'groups.csv');
    for (const more of [[], ['-o', output]]) {
      const { code, stdout } = await run(['groups', sentences, '-t', '0.9', '--keep', '-', ...more]);
      expect([code, stdout.toString()]).toEqual([0, expected]);
    }
    for (const [more, name] of [
      [['-o', '-'], '-o -'],
      [['--json'], '--json'],
    ] as const) {
      const { code, stderr } = await run(['groups', sentences, '-t', '0.9', '--keep', '-', ...more]);
      expect([code, stderr]).toEqual([2, `error: --keep - and ${name} both write to stdout; give one of them a file\n`]);
    }
  });
});

describe('--keep', () => {
  it('is checked before any work', async () => {
    const output = join(folder, 'same.csv');
    for (const [keep, message] of [
      [join(folder, 'none', 'kept.txt'), 'there is no folder'],
      [folder, 'that is a folder'],
      [sentences, 'that is an input'],
      [output, 'are the same file'],
    ] as const) {
      const { code, stderr } = await run(['groups', sentences, '-t', '0.9', '--keep', keep, '-o', output]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(await readdir(folder)).not.toContain('same.csv.partial');
  });
});

describe('--labels', () => {
  it('- reads the lines of stdin, even with -o', async () => {
    const input = await readFile(tsv);
    const named = await run(['topk', sentences, '-k', '1', '--labels', `${tsv}:text`]);
    for (const spec of ['-', '-:text']) {
      expect(await run(['topk', sentences, '-k', '1', '--labels', spec], { input }), spec).toEqual(named);
    }
    const [fromFile, fromStdin] = [join(folder, 'file.csv'), join(folder, 'stdin.csv')];
    await run(['topk', sentences, '-k', '1', '--labels', tsv, '-o', fromFile]);
    expect((await run(['topk', sentences, '-k', '1', '--labels', '-', '-q', '-o', fromStdin], { input })).stderr).toBe('');
    expect(await readFile(fromStdin, 'utf8')).toBe(await readFile(fromFile, 'utf8'));
  });

  it('- is refused if stdin is already used', async () => {
    for (const [args, names] of [
      [['topk', '-', '--labels', '-'], 'the input and --labels'],
      [['topk', sentences, '--against', '-', '--labels', '-'], '--against and --labels'],
      [['topk', sentences, '--against', sentences, '--labels', '-', '--against-labels', '-'], '--labels and --against-labels'],
      [['view', '-', '--labels', '-'], 'the input and --labels'],
    ] as const) {
      const { code, stderr } = await run(args);
      expect([code, stderr]).toEqual([2, `error: ${names} cannot both be read from stdin; give one of them as a file\n`]);
    }
  });

  it('refuses a file without text by the name of its format', async () => {
    const sqlite = join(folder, 'docs.db');
    await writeFile(sqlite, 'SQLite format 3\0');
    const disguised = join(folder, 'titles');
    await writeFile(disguised, `${'\0'.repeat(8)}DUCK`);
    const binary = join(folder, 'titles.txt');
    await writeFile(binary, 'a\0b\0c');
    for (const [labels, message] of [
      [sqlite, `names cannot be read from a sqlite database; export them, for example: sqlite3 ${sqlite} 'select title`],
      [`${sqlite}:title`, 'names cannot be read from a sqlite database'],
      [disguised, 'names cannot be read from a duckdb database'],
      [sentences, 'a npy file holds no names; expected a text file with one name per line'],
      [binary, 'this is not text, because it holds zero bytes; expected one name per line in UTF-8'],
    ] as const) {
      const { code, stderr } = await run(['topk', sentences, '--labels', labels]);
      const path = labels.replace(/:title$/, '');
      expect([code, stderr]).toEqual([3, expect.stringContaining(`error: ${path}: ${message}`)]);
    }
  });
});

describe('--memory', () => {
  const commands: Record<string, readonly string[]> = {
    topk: ['topk', sentences],
    'topk with labels': ['topk', sentences, '--labels', tsv],
    pairs: ['pairs', sentences, '-t', '0.9'],
    groups: ['groups', sentences, '-t', '0.9'],
    histogram: ['histogram', sentences],
    matrix: ['matrix', sentences],
    'the whole matrix': ['matrix', sentences, '-o', '-'],
    'decoded rows': ['topk', 'decoded.jsonl'],
    plan: ['plan', sentences, '-k', '10', '--dry-run', '--backend', 'native'],
  };

  /** Runs the command with little memory, and again with the amount that the error names. */
  async function runTwice(args: readonly string[]): Promise<[refused: Run, run: Run]> {
    const refused = await run([...args, '--memory', '100kB']);
    const [, amount = ''] = /run it with --memory (\d+MiB) or more\n$/.exec(refused.stderr) ?? [];
    return [refused, await run([...args, '--memory', amount])];
  }

  it.each(Object.keys(commands))('is refused with an amount that suffices: %s', async (name) => {
    const decoded = join(folder, 'decoded.jsonl');
    const row = (at: number) => Array.from({ length: 64 }, (_, i) => Math.sin(1 + at * 64 + i));
    await writeFile(decoded, Array.from({ length: 3000 }, (_, at) => JSON.stringify(row(at))).join('\n'));
    const args = (commands[name] as readonly string[]).map((word) => (word === 'decoded.jsonl' ? decoded : word));
    const [refused, again] = await runTwice(args);
    expect([refused.code, refused.stderr, refused.stdout.length]).toEqual([
      1,
      expect.stringMatching(/^error: this needs at least (\d+) MiB of memory; run it with --memory \1MiB or more\n$/),
      0,
    ]);
    expect([again.code, again.stderr]).toEqual([0, '']);
  });

  it('is refused with an amount that suffices: a shard', async () => {
    const job = join(folder, 'small-job');
    expect((await run(['plan', sentences, '-k', '10', '--shards', '1', '-q', '-o', job])).code).toBe(0);
    const [refused, again] = await runTwice(['run-shard', job, '--index', '0', '-q']);
    expect([refused.code, again.code, again.stderr]).toEqual([1, 0, '']);
  });
});

describe('help', () => {
  it('has short lines, exit codes, environment variables and a link', async () => {
    const help = (await run(['--help'])).stdout.toString();
    for (const text of [
      'Exit codes:',
      '130  interrupted',
      'Environment variables:',
      'ALLPAIRS_BACKEND',
      'NO_COLOR',
      'https://',
    ]) {
      expect(help).toContain(text);
    }
    const program = createProgram(new AbortController().signal);
    for (const command of [program, ...program.commands]) {
      const lines = [command.description(), ...command.options.map(({ description }) => description)];
      for (const line of lines) if (!line.includes('$SLURM')) expect(line.length, line).toBeLessThan(60);
      expect(command.helpInformation(), command.name()).not.toContain('undefined');
    }
  });

  it('lists rarely needed options only with --help-all', async () => {
    const usual = (await run(['topk', '--help'])).stdout.toString();
    expect(usual).toContain('--help-all');
    for (const option of ['--no-pruning', '--non-finite', '--whiten']) expect(usual).not.toContain(option);
    const all = (await run(['topk', '--help-all'])).stdout.toString();
    const program = createProgram(new AbortController().signal);
    for (const { long } of program.commands.find((command) => command.name() === 'topk')?.options ?? [])
      expect(all).toContain(long);
  });
});
