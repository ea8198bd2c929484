// The table that made the method known, corrected: N = 50, D = 64, a separate output for every method, times divided by the actual
// number of runs, the similarity rather than the distance, and each answer within an absolute bound of float64.

import { randomRows } from '../test/random.js';
import { allPairsCandidates } from './dense.js';
import { freshProcesses } from './fresh-processes.js';
import { compare } from './harness.js';
import type { TimesTable } from './report.js';
import type { Section } from './section.js';

export const original: Section = {
  name: 'original',
  asks: 'How long do the methods of the original table take for 50 rows of 64 numbers, compared with allpairs?',
  async run(run) {
    const x = randomRows(50, 64);
    const fresh = await freshProcesses(run, x);
    const { candidates, end } = await allPairsCandidates(run, x, { task: 'original', javaScript: [] });
    const rows = await compare(candidates, 'PyTorch formula', 2 * 50 * 50 * 64, run.timing(12));
    end();
    const warm: TimesTable = {
      kind: 'times',
      id: '50x64',
      title: '50 x 64 with the loops, all after many calls',
      baseline: 'PyTorch formula',
      rows,
    };
    return [...fresh, warm];
  },
};
