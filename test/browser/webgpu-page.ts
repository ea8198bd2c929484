// Runs in the page: the conformance table of the WebGPU backend in float32, with small tiles, and a public call.

import { cosineSimilarity, runtimeInfo } from 'allpairs';
import { createWebGpuBackend } from '#src/backends/webgpu/backend.js';
import { browserPlatform } from '#src/platform/browser.js';
import { casesOf, stepsOf } from '../conformance/cases.js';
import { TrueCosines } from '../conformance/exact.js';
import { isHistogram, isPairs, isTopK } from '../conformance/plain.js';
import { BOUNDS, largestError, Runner, sameBits } from '../conformance/runner.js';
import { randomRows } from '../random.js';

export interface WebGpuReport {
  readonly compared: number;
  readonly failures: readonly string[];
  /** What a public call that names the backend reports afterwards. */
  readonly description: string;
  /** Why 'webgpu' refuses this adapter. */
  readonly refusal: string;
}

export async function report(): Promise<WebGpuReport> {
  const runner = new Runner(browserPlatform);
  const gpu = (await browserPlatform.loadGpu()) as GPU;
  const backend = await createWebGpuBackend('webgpu-software', gpu, { software: true, maxTileRows: 256 });
  const failures: string[] = [];
  let compared = 0;
  const dtype = 'float32';
  // The processor takes seconds for each case with long rows; test/backends/webgpu.test.ts covers them.
  const cases = casesOf(dtype, stepsOf(backend, dtype)).filter(({ name }) => !name.startsWith('long'));
  for (const { name, x, y } of cases) {
    compared++;
    const scores = await runner.run(backend, 'turns', x, y, { dtype });
    const error = largestError(scores, runner.truth(x, y));
    if (!(error <= BOUNDS[dtype])) failures.push(`${name}: error ${error}`);
  }
  const x = randomRows(600, 40);
  const data = await runner.run(backend, 'turns', x, undefined, { dtype });
  const scores = { data, rows: 600, cols: 600, self: true };
  const found = await runner.pairs(backend, 'turns', x, undefined, { threshold: 0.3, dtype });
  const right = {
    topK: isTopK(await runner.topK(backend, 'turns', x, undefined, { k: 7, dtype }), scores, 7),
    pairs: isPairs(found, scores, 0.3, new TrueCosines(x, undefined, dtype)),
    histogram: isHistogram(await runner.histogram(backend, 'turns', x, undefined, { bins: 9, dtype }), scores, 9),
    public: sameBits((await cosineSimilarity(x, { backend: 'webgpu-software' })).data, data),
  };
  failures.push(...Object.entries(right).flatMap(([name, holds]) => (holds ? [] : [name])));
  const refusal = await cosineSimilarity(x, { backend: 'webgpu' }).catch((error: Error) => error.message);
  const described = runtimeInfo().backends.find(({ name }) => name === 'webgpu-software');
  return { compared, failures, description: described?.description ?? '', refusal: String(refusal) };
}
