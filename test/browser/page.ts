// Runs in the page: the conformance table, and the public calls of browser.ts.

import { cosineSimilarity, groups, histogram, pairs, runtimeInfo, streamMatrix, streamPairs, topK } from 'allpairs';
import { browserPlatform } from '#src/platform/browser.js';
import { casesOf, stepsOf } from '../conformance/cases.js';
import { TrueCosines } from '../conformance/exact.js';
import { isHistogram, isPairs, isTopK } from '../conformance/plain.js';
import { BOUNDS, largestError, Runner, sameBits } from '../conformance/runner.js';
import { randomRows } from '../random.js';

export interface PageReport {
  readonly isolated: boolean;
  readonly modes: readonly string[];
  /** Backend, dtype, case and mode of every comparison, and the failed ones. */
  readonly compared: number;
  readonly failures: readonly string[];
  readonly chosen: string;
  readonly threadRefusal: string | undefined;
  /** Of a result that is large enough for threads. */
  readonly sharedResult: boolean;
  readonly diagonal: number | undefined;
}

export async function report(): Promise<PageReport> {
  const runner = new Runner(browserPlatform);
  const failures: string[] = [];
  let compared = 0;
  for (const name of ['wasm', 'reference'] as const) {
    const backend = runner.selection.chooseSync(name);
    for (const dtype of ['float32', 'float64'] as const) {
      for (const { name: caseName, x, y } of casesOf(dtype, stepsOf(backend, dtype))) {
        const first = await runner.run(backend, 'sync', x, y, { dtype });
        const error = largestError(first, runner.truth(x, y));
        if (!(error <= BOUNDS[dtype])) failures.push(`${name} ${dtype} ${caseName}: error ${error}`);
        for (const mode of runner.modes) {
          compared++;
          if (!sameBits(await runner.run(backend, mode, x, y, { dtype }), first))
            failures.push(`${name} ${dtype} ${caseName} ${mode}`);
        }
      }
    }
  }
  const { data, ...matrix } = await cosineSimilarity(randomRows(1500, 128));
  failures.push(...(await failuresWithoutMatrix()));
  const { backend, threadRefusal } = runtimeInfo();
  return {
    isolated: globalThis.crossOriginIsolated,
    modes: runner.modes,
    compared,
    failures,
    chosen: backend,
    threadRefusal,
    sharedResult: typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer,
    diagonal: data[(matrix.shape[1] + 1) * 1499],
  };
}

/** The calls without a matrix, as public calls, on enough rows for threads. */
async function failuresWithoutMatrix(): Promise<string[]> {
  const x = randomRows(1200, 96);
  const { data } = await cosineSimilarity(x);
  const scores = { data, rows: 1200, cols: 1200, self: true };
  const streamed: number[] = [];
  for await (const { length } of streamPairs(x, { threshold: 0.3 })) streamed.push(length);
  let blocksDiffer = false;
  for await (const { row, col, matrix } of streamMatrix(x, { blockRows: 512 })) {
    const [rows, cols] = matrix.shape;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) blocksDiffer ||= matrix.at(i, j) !== data[(row + i) * 1200 + col + j];
    }
  }
  const found = await pairs(x, { threshold: 0.3 });
  const right = {
    streamMatrix: !blocksDiffer,
    topK: isTopK(await topK(x, { k: 7 }), scores, 7),
    pairs: isPairs(found, scores, 0.3, new TrueCosines(x, undefined, 'float32')),
    streamPairs: streamed.reduce((sum, length) => sum + length, 0) === found.length,
    histogram: isHistogram(await histogram(x, { bins: 9 }), scores, 9),
    groups: (await groups(x, { threshold: -1 })).groups[0]?.size === 1200,
  };
  return Object.entries(right).flatMap(([name, holds]) => (holds ? [] : [name]));
}
