// Compares x against y with scikit-learn, and with the plain matrix product of OpenBLAS without normalising.

import { cosineSimilarity } from 'allpairs';
import { randomRows } from '../test/random.js';
import { backendsToMeasure, CheckedRows, compare, FLOAT32_BOUND, RIVAL_BOUND, timeCalls } from './harness.js';
import { PythonPeers } from './peers/python.js';
import type { TimesTable } from './report.js';
import type { Section } from './section.js';

/** It computes no cosines, so it cannot have a wrong one. */
const PRODUCT_ALONE = 'NumPy x @ y.T alone';

export const cross: Section = {
  name: 'cross',
  asks: 'How long does comparing every row of x with every row of y take, for equally many rows?',
  async run(run) {
    const tables: TimesTable[] = [];
    const peers = await PythonPeers.start(run, 'cross');
    for (const [rows, depth] of run.sizes(['4000x768'], ['200x64'])) {
      const x = randomRows(rows, depth);
      // In reverse order, as in peers.py.
      const y = { data: new Float32Array(x.data.length), shape: x.shape };
      for (let i = 0; i < rows; i++) y.data.set(x.data.subarray((rows - 1 - i) * depth, (rows - i) * depth), i * depth);
      const checked = new CheckedRows(x, y);
      const buffer = new Float32Array(rows * rows);
      const ours = backendsToMeasure().flatMap((backend) =>
        [undefined, buffer].map((out) => {
          const call = () => cosineSimilarity(x, y, { backend, threads: run.threads, out });
          return {
            name: `allpairs ${backend}${out ? ', into out' : ''}`,
            bound: FLOAT32_BOUND,
            error: async () => checked.errorOfMatrix((await call()).data),
            time: timeCalls(call),
          };
        }),
      );
      await peers?.load(x);
      const theirs = peers?.candidates(
        checked.indices,
        (scores) => checked.errorOfRows(scores),
        (method) => (method === PRODUCT_ALONE ? Number.POSITIVE_INFINITY : RIVAL_BOUND),
      );
      const timed = await compare([...ours, ...(theirs ?? [])], PRODUCT_ALONE, 2 * rows * rows * depth, run.timing(20));
      tables.push({
        kind: 'times',
        id: `${rows}x${depth}`,
        title: `${rows} x ${rows} x ${depth}`,
        baseline: PRODUCT_ALONE,
        // It returns no scores whose error could be measured.
        rows: timed.map((row) => (row.name === PRODUCT_ALONE ? { ...row, error: Number.NaN } : row)),
      });
    }
    peers?.stop();
    return tables;
  },
};
