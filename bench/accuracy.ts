// Compares the scores of each rival and each backend with float64 arithmetic, on real rows and where the plain formula breaks. Uses
// every score of the whole matrix.

import { fileURLToPath } from 'node:url';
import { cosineSimilarity, cosineSimilaritySync, readNpy } from 'allpairs';
import { randomRows } from '../test/random.js';
import { backendsToMeasure } from './harness.js';
import { matrixFormula, perPairLoop, type RowBlock } from './methods.js';
import { javaScriptRivals } from './peers/javascript.js';
import { PythonPeers } from './peers/python.js';
import type { Column, ReportTable } from './report.js';
import type { BenchRun, Section } from './section.js';

interface Case {
  readonly id: string;
  readonly title: string;
  readonly x: RowBlock & { readonly data: Float32Array };
}

/** Loops in Python take minutes for more rows. */
const MAX_ROWS_OF_PYTHON_LOOPS = 64;

const COLUMNS: readonly Column[] = [
  { name: 'largest error', unit: 'error', lowerIsBetter: true },
  { name: 'NaN or infinite', unit: 'count' },
  { name: 'diagonal off 1 by', unit: 'error' },
  { name: 'not symmetric by', unit: 'error' },
  { name: 'outside [-1, 1]', unit: 'count' },
];

export const accuracy: Section = {
  name: 'accuracy',
  asks: 'How far are the scores from float64 arithmetic, and which methods overflow, return NaN, miss 1 on the diagonal or are asymmetric?',
  async run(run) {
    const tables: ReportTable[] = [];
    const python = await PythonPeers.start(run, 'original');
    const inJavaScript = await javaScriptRivals(run);
    for (const { id, title, x } of await cases(run)) {
      const [rows] = x.shape;
      const truth = cosineSimilaritySync(x, { backend: 'reference', dtype: 'float64' }).data;
      const found: ReportTable & { kind: 'values' } = {
        kind: 'values',
        id,
        title: `${title}, ${rows} x ${x.shape[1]}`,
        columns: COLUMNS,
        rows: [],
      };
      const judge = (name: string, scores: ArrayLike<number>) =>
        (found.rows as { name: string; values: (number | null)[] }[]).push({ name, values: judged(scores, truth, x) });

      for (const backend of backendsToMeasure())
        judge(`allpairs ${backend}`, (await cosineSimilarity(x, { backend, threads: run.threads })).data);
      await python?.load(x);
      const all = Array.from({ length: rows }, (_, i) => i);
      for (const method of python?.methods ?? []) {
        if (rows <= MAX_ROWS_OF_PYTHON_LOOPS || !method.endsWith('loop'))
          judge(method, (await python?.rows(method, all)) as Float32Array);
      }
      for (const { name, mostRows, prepare } of inJavaScript) {
        // Going pair by pair is slow, but finishes.
        if (rows > 2 * mostRows) continue;
        const { run: call, end } = await prepare(x);
        judge(name, await call());
        end?.();
      }
      judge('formula, TypeScript loops', matrixFormula(x));
      judge('loop over pairs, TypeScript', perPairLoop(x));
      tables.push(found);
    }
    python?.stop();
    return tables;
  },
};

/** Uses the scores that are numbers, and counts the others. */
function judged(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  { data, shape: [rows, depth] }: RowBlock,
): (number | null)[] {
  let error = 0;
  let notFinite = 0;
  let diagonal = 0;
  let asymmetry = 0;
  let outside = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      const score = scores[i * rows + j] as number;
      const mirrored = scores[j * rows + i] as number;
      if (!Number.isFinite(score)) notFinite++;
      else {
        error = Math.max(error, Math.abs(score - (truth[i * rows + j] as number)));
        if (Math.abs(score) > 1) outside++;
        if (Number.isFinite(mirrored)) asymmetry = Math.max(asymmetry, Math.abs(score - mirrored));
      }
    }
    const zero = data.subarray(i * depth, (i + 1) * depth).every((value) => value === 0);
    const self = scores[i * rows + i] as number;
    if (!zero && Number.isFinite(self)) diagonal = Math.max(diagonal, Math.abs(self - 1));
  }
  // There is no error without a number.
  return [notFinite < rows * rows ? error : null, notFinite, diagonal, asymmetry, outside];
}

async function cases(run: BenchRun): Promise<Case[]> {
  const some = (x: { data: ArrayLike<number>; shape: readonly number[] }): Case['x'] => {
    const [rows = 0, depth = 0] = x.shape;
    const count = run.quick ? 60 : rows;
    return { data: Float32Array.from(x.data).subarray(0, count * depth), shape: [count, depth] };
  };
  const example = async (name: string) =>
    some(await readNpy(fileURLToPath(new URL(`../examples/data/${name}.npy`, import.meta.url))));
  const scaled = (factor: number) => {
    const { data, shape } = randomRows(50, 64);
    return { data: data.map((value) => value * factor), shape };
  };
  const zeros = randomRows(50, 64);
  for (const row of [0, 7, 49]) zeros.data.fill(0, row * 64, (row + 1) * 64);
  const equal = randomRows(50, 64);
  for (let row = 1; row < 25; row++) equal.data.set(equal.data.subarray(0, 64), row * 64);
  for (let i = 0; i < 64; i++) equal.data[25 * 64 + i] = -2 * (equal.data[i] as number);
  return [
    { id: 'sentences', title: 'embeddings of sentences (examples/data/sentences.npy)', x: await example('sentences') },
    { id: 'digits', title: 'pictures of digits (examples/data/digits.npy)', x: await example('digits') },
    { id: 'long', title: 'long rows', x: randomRows(16, run.quick ? 1024 : 65_536) },
    { id: 'huge', title: 'numbers about 1e30: their squares overflow float32', x: scaled(1e30) },
    { id: 'tiny', title: 'numbers about 1e-40: subnormal, their squares are 0 in float32', x: scaled(1e-40) },
    { id: 'zero rows', title: 'three rows of zeros among fifty', x: zeros },
    { id: 'equal rows', title: 'twenty-five equal rows, one opposite and twice as long', x: equal },
  ];
}
