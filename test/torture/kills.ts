// Kills runs at random moments, resumes them, and compares their outputs byte by byte with those of undisturbed runs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeNpy } from '#src/io/rows/npy-file.js';
import { Matrix } from '#src/rows/dense-matrix.js';
import { randomRows, randomSource } from '../random.js';
import { until } from '../until.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Each takes about a second and saves its progress often. */
const RUNS: readonly (readonly [output: string, ...args: string[]])[] = [
  ['matrix.npy', 'matrix', '--memory', '24MiB'],
  ['nearest.parquet', 'topk', '-k', '20', '--save-every', '0.05'],
  ['pairs.csv', 'pairs', '-t', '0.5', '--save-every', '0.05'],
  ['groups.npz', 'groups', '-t', '0.6', '--save-every', '0.05'],
  ['histogram.csv', 'histogram', '--bins', '50', '--save-every', '0.05'],
];

interface Reference {
  readonly args: readonly string[];
  readonly output: string;
  readonly bytes: Buffer;
  /** The time from the first saved progress to the end, in the fastest run so far. */
  milliseconds: number;
}

export interface Kills {
  /** Runs that were killed. */
  runs: number;
  /** All kills, including those of resumed runs. */
  kills: number;
  /** How often a run was resumed; otherwise nothing had been saved yet, and it started again. */
  resumed: number;
}

/** Kills `runs` runs in `folder`, each at least once. Throws if an output differs from that of an undisturbed run. */
export async function killRuns(folder: string, runs: number, seed: number, onRun?: (done: number) => void): Promise<Kills> {
  const input = join(folder, 'rows.npy');
  const { data, shape } = similarRows(15_000, 64);
  await writeNpy(input, new Matrix(data, shape));
  const references: Reference[] = [];
  for (const [output, command = '', ...args] of RUNS) references.push(await refer(folder, input, output, [command, ...args]));
  const random = randomSource(seed);
  const kills = { runs: 0, kills: 0, resumed: 0 };
  for (let run = 0; run < runs; run++) {
    const reference = references[run % references.length] as Reference;
    await killOne(reference, random, kills).catch((error) => {
      throw new Error(`run ${run} of seed ${seed} (${reference.args.join(' ')}): ${error.message}`, { cause: error });
    });
    onRun?.(run + 1);
  }
  return kills;
}

async function refer(folder: string, input: string, name: string, [command = '', ...args]: string[]): Promise<Reference> {
  const output = join(folder, name);
  const all = [command, input, ...args, '--quiet', '-o', output];
  const run = await startAndWait(all, output);
  const milliseconds = await run.end([0]);
  const bytes = await readFile(output);
  await rm(output);
  return { args: all, output, bytes, milliseconds };
}

/** Kills a run and its continuations until one reaches its end. */
async function killOne(reference: Reference, random: () => number, kills: Kills): Promise<void> {
  const { args, output, bytes } = reference;
  let next = args;
  for (let killed = 0; ; ) {
    const run = await startAndWait(next, output);
    // Most runs that are resumed are left undisturbed.
    const alone = killed > 0 && random() < 0.7;
    const wasKilled = !alone && (await run.killAfter(reference.milliseconds * random()));
    const milliseconds = wasKilled ? undefined : await run.end([0]);
    if (milliseconds !== undefined && next === args) reference.milliseconds = Math.min(reference.milliseconds, milliseconds);
    const isThere = existsSync(output);
    if (isThere && !(await readFile(output)).equals(bytes)) throw new Error('the output is another one');
    if (wasKilled) {
      killed++;
      kills.kills++;
      const resumable = existsSync(join(`${output}.partial`, 'manifest.json'));
      if (resumable) kills.resumed++;
      next = resumable ? ['resume', output, '--quiet'] : args;
    } else if (!isThere) {
      throw new Error('it ended without an output');
    }
    if (!wasKilled && killed > 0) break;
    // The run ended before the kill, because it was faster this time, or had nothing left to do.
    if (isThere && next === args) await rm(output);
  }
  if (existsSync(`${output}.partial`)) throw new Error('the folder is still there');
  await rm(output);
  kills.runs++;
}

interface StartedRun {
  /** Whether the process had to be killed. */
  killAfter(milliseconds: number): Promise<boolean>;
  /** Resolves at the end to the milliseconds since the run could be resumed. Throws if the exit code is not the expected one. */
  end(codes: readonly (number | null)[]): Promise<number>;
}

/** Starts a command, and resolves when its run can be resumed. */
async function startAndWait(args: readonly string[], output: string): Promise<StartedRun> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  let over = 0;
  const closed = once(child, 'close').then(([code]) => {
    over = performance.now();
    return code as number | null;
  });
  await until('there is something to continue', () => over > 0 || existsSync(join(`${output}.partial`, 'manifest.json')));
  const since = performance.now();
  const end = async (codes: readonly (number | null)[]) => {
    const code = await closed;
    if (!codes.includes(code)) throw new Error(`allpairs ${args.join(' ')} ended with ${code}: ${text}`);
    return Math.max(0, over - since);
  };
  return {
    end,
    async killAfter(milliseconds) {
      await Promise.race([wait(milliseconds), closed]);
      child.kill('SIGKILL');
      await end([0, null]);
      return child.exitCode === null;
    },
  };
}

/** Every fifth row is like the one before. */
function similarRows(rows: number, depth: number): { data: Float32Array; shape: [number, number] } {
  const x = randomRows(rows, depth, 11);
  for (let row = 5; row < rows; row += 5) {
    for (let k = 0; k < depth; k += 2) x.data[row * depth + k] = x.data[(row - 1) * depth + k] as number;
  }
  return x;
}
