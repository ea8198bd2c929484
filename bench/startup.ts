// Measures the time from starting a process to its first small result, compared with an empty process. Uses whole processes,
// interleaved.

import { execFileSync } from 'node:child_process';
import { type Candidate, compare } from './harness.js';
import { PYTHON } from './peers/python.js';
import type { Section } from './section.js';

const FIRST_RESULT = `
  import { cosineSimilaritySync } from 'allpairs';
  cosineSimilaritySync({ data: new Float32Array(50 * 64).fill(1), shape: [50, 64] });
`;
const NODE = [process.execPath, '--input-type=module', '-e'];
const PYTHON_RESULTS: readonly (readonly [name: string, script: string])[] = [
  ['NumPy formula', 'import numpy; x = numpy.ones((50, 64), "f"); n = (x * x).sum(1) ** 0.5; x @ x.T / numpy.outer(n, n)'],
  ['scikit-learn', 'import numpy; from sklearn.metrics.pairwise import cosine_similarity as f; f(numpy.ones((50, 64), "f"))'],
  ['PyTorch formula', 'import torch; x = torch.ones(50, 64); n = torch.sqrt((x * x).sum(1)); x @ x.T / torch.outer(n, n)'],
];
const EMPTY = 'Node, an empty program';

export const startup: Section = {
  name: 'startup',
  asks: 'How long does it take from starting a process to its first result, for 50 x 64?',
  async run(run) {
    const commands: [name: string, command: readonly string[]][] = [
      [EMPTY, [...NODE, '0']],
      ['allpairs', [...NODE, FIRST_RESULT]],
    ];
    for (const [name, script] of PYTHON_RESULTS) {
      if (runs([PYTHON, '-c', script])) commands.push([`${name}, in Python`, [PYTHON, '-c', script]]);
      else run.leaveOut(name, 'not installed');
    }
    const candidates = commands.map(
      ([name, command]): Candidate => ({
        name,
        bound: 0,
        error: () => (runs(command) ? 0 : Number.NaN),
        time: (iterations) => {
          const start = performance.now();
          for (let i = 0; i < iterations; i++) runs(command);
          return (performance.now() - start) / 1000;
        },
      }),
    );
    const timed = await compare(candidates, EMPTY, 0, run.timing(25, 30));
    return [{ kind: 'times', id: 'first result', title: 'a process, 50 x 64', baseline: EMPTY, rows: timed }];
  },
};

function runs([program = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
