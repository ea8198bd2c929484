// Runs that are killed at a random moment, continued, and compared with one that was not, byte by byte.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeNpy } from '#src/io/npy-file.js';
import { Matrix } from '#src/matrix/dense-matrix.js';
import { randomRows, randomSource } from '../random.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Each takes a second or so, and writes down often how far it is. */
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
  readonly milliseconds: number;
}

export interface Kills {
  /** Runs that were killed. */
  runs: number;
  /** Kills in all: of a run that was continued, too. */
  kills: number;
  /** How often a run was continued; else there was nothing to continue yet, and it began anew. */
  resumed: number;
}

/** Kills `runs` runs in `folder`, each once or more; throws where the outcome is not what it would have been. */
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
  const started = performance.now();
  await mustEnd(start(all), [0]);
  const milliseconds = performance.now() - started;
  const bytes = await readFile(output);
  await rm(output);
  return { args: all, output, bytes, milliseconds };
}

/** Kills a run, and what continues it, until one comes to its end. */
async function killOne({ args, output, bytes, milliseconds }: Reference, random: () => number, kills: Kills): Promise<void> {
  let next = args;
  for (let killed = 0; ; ) {
    // Starting takes the first third. Most runs that are continued are left alone.
    const delay = milliseconds * (0.3 + 0.6 * random());
    const alone = killed > 0 && random() < 0.7;
    const wasKilled = alone ? (await mustEnd(start(next), [0])) === null : await killAfter(start(next), delay);
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
    // Not killed, as it was faster this time; or after the end, with nothing left to do.
    if (isThere && next === args) await rm(output);
  }
  if (existsSync(`${output}.partial`)) throw new Error('the folder is still there');
  await rm(output);
  kills.runs++;
}

function start(args: readonly string[]) {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Whether it had to be killed. */
async function killAfter(child: ReturnType<typeof start>, milliseconds: number): Promise<boolean> {
  const end = mustEnd(child, [0, null]);
  const timer = wait(milliseconds).then(() => child.kill('SIGKILL'));
  const code = await end;
  await timer;
  return code === null;
}

async function mustEnd(child: ReturnType<typeof start>, codes: readonly (number | null)[]): Promise<number | null> {
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (!codes.includes(code)) throw new Error(`${child.spawnargs.slice(2).join(' ')} ended with ${code}: ${text}`);
  return code;
}

/** Every fifth row is like the one before. */
function similarRows(rows: number, depth: number): { data: Float32Array; shape: [number, number] } {
  const x = randomRows(rows, depth, 11);
  for (let row = 5; row < rows; row += 5) {
    for (let k = 0; k < depth; k += 2) x.data[row * depth + k] = x.data[(row - 1) * depth + k] as number;
  }
  return x;
}
