// Compares the whole matrix with scikit-learn, the formula in PyTorch and NumPy, and JavaScript libraries.

import { cosineSimilarity, cosineSimilaritySync } from 'allpairs';
import { randomRows } from '../test/random.js';
import {
  backendsToMeasure,
  type Candidate,
  CheckedRows,
  compare,
  FLOAT32_BOUND,
  RIVAL_BOUND,
  timeCalls,
  timeSynchronousCalls,
} from './harness.js';
import { matrixFormula, type RowBlock } from './methods.js';
import { type JavaScriptRival, javaScriptRivals } from './peers/javascript.js';
import { PythonPeers, type PythonTask } from './peers/python.js';
import type { TimesTable } from './report.js';
import type { BenchRun, Section } from './section.js';

const BASELINE = 'PyTorch formula';
/** The formula with loops takes half a minute at 4000 rows. */
const MAX_ROWS_OF_LOOPS = 1000;
/** Up to this size users should call the Sync version; the asynchronous one would do the same and wait. */
const SYNCHRONOUS_ROWS = 100;
const SIZES = ['50x64', '200x384', '1000x384', '4000x768', '10000x768'];

export const dense: Section = {
  name: 'dense',
  asks: 'How long does the whole matrix take?',
  async run(run) {
    // The others are much slower and are in the section about JavaScript.
    const rivals = (await javaScriptRivals(run)).filter(({ mostRows }) => mostRows > MAX_ROWS_OF_LOOPS);
    return timesOfSizes(run, run.sizes(SIZES, ['50x64', '200x384']), { task: 'dense', javaScript: rivals });
  },
};

interface Rivals {
  readonly task: PythonTask | undefined;
  readonly javaScript: readonly JavaScriptRival[];
}

/** One table per size. */
export async function timesOfSizes(
  run: BenchRun,
  sizes: readonly [rows: number, depth: number][],
  rivals: Rivals,
): Promise<TimesTable[]> {
  const tables: TimesTable[] = [];
  for (const [rows, depth] of sizes) {
    const { candidates, end } = await allPairsCandidates(run, randomRows(rows, depth), rivals);
    const baseline = candidates.find(({ name }) => name === BASELINE)?.name ?? (candidates[0] as Candidate).name;
    // Slow rounds get more time.
    const seconds = rows > 4000 ? 30 : rows > 1000 ? 20 : 10;
    const timed = await compare(candidates, baseline, 2 * rows * rows * depth, run.timing(seconds, 4));
    tables.push({ kind: 'times', id: `${rows}x${depth}`, title: `${rows} x ${depth}`, baseline, rows: timed });
    end();
  }
  return tables;
}

/** All available ways to compute all scores of x with itself; `end` releases their memory. */
export async function allPairsCandidates(
  run: BenchRun,
  x: RowBlock & { data: Float32Array; shape: [number, number] },
  { task, javaScript }: Rivals,
): Promise<{ candidates: Candidate[]; end: () => void }> {
  const [rows] = x.shape;
  const checked = new CheckedRows(x);
  const { threads } = run;
  const candidate = (
    name: string,
    call: () => Float32Array | Float64Array | Promise<Float32Array | Float64Array>,
    { bound = RIVAL_BOUND, synchronous = false } = {},
  ): Candidate => ({
    name,
    bound,
    error: async () => checked.errorOfMatrix(await call()),
    time: synchronous ? timeSynchronousCalls(call) : timeCalls(call),
  });

  const bound = FLOAT32_BOUND;
  const ours = backendsToMeasure().flatMap((backend) => {
    const name = `allpairs ${backend}`;
    if (rows <= SYNCHRONOUS_ROWS)
      return [candidate(name, () => cosineSimilaritySync(x, { backend }).data, { bound, synchronous: true })];
    const fresh = candidate(name, async () => (await cosineSimilarity(x, { backend, threads })).data, { bound });
    if (!backend.startsWith('native')) return [fresh];
    // Like a program that computes repeatedly: without the first touch of new memory.
    const out = new Float32Array(rows * rows);
    const again = async () => (await cosineSimilarity(x, { backend, threads, out })).data;
    return [fresh, candidate(`${name}, into out`, again, { bound })];
  });

  const peers = task && (await PythonPeers.start(run, task));
  await peers?.load(x);
  const inPython =
    peers?.candidates(
      checked.indices,
      (scores) => checked.errorOfRows(scores),
      () => RIVAL_BOUND,
    ) ?? [];

  const ends: (() => void)[] = [];
  const inJavaScript = [];
  for (const { name, mostRows, prepare } of javaScript) {
    if (rows > mostRows) continue;
    const { run: call, end } = await prepare(x);
    inJavaScript.push(candidate(name, call));
    if (end) ends.push(end);
  }
  if (rows <= MAX_ROWS_OF_LOOPS)
    inJavaScript.push(candidate('formula, TypeScript loops', () => matrixFormula(x), { synchronous: true }));

  const end = () => {
    peers?.stop();
    for (const each of ends) each();
  };
  return { candidates: [...ours, ...inPython, ...inJavaScript], end };
}
