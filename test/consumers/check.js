// Bundled and run by every consumer: compares answers with float64 arithmetic, and reports what computed them.

import { cosineSimilarity, runtimeInfo } from 'allpairs';

const DEPTH = 384;

function rowsOf(count) {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return { data: Float32Array.from({ length: count * DEPTH }, next), shape: [count, DEPTH] };
}

/** Returns the largest difference from float64 arithmetic of the scores of some rows with all rows. */
function largestError({ data, shape: [count] }, scores) {
  const norms = new Float64Array(count);
  const dot = (i, j) => {
    let sum = 0;
    for (let k = 0; k < DEPTH; k++) sum += data[i * DEPTH + k] * data[j * DEPTH + k];
    return sum;
  };
  for (let i = 0; i < count; i++) norms[i] = Math.sqrt(dot(i, i));
  let largest = 0;
  for (let i = 0; i < count; i += 41) {
    for (let j = 0; j < count; j++) {
      const error = Math.abs(scores[i * count + j] - dot(i, j) / (norms[i] * norms[j]));
      if (!(error <= largest)) largest = error;
    }
  }
  return largest;
}

/** For 400 and 1,600 rows, with the default backend and with WebAssembly or JavaScript on two threads. */
export async function check() {
  const errors = [];
  let sharedResult = false;
  const { backend, backends } = runtimeInfo();
  const onThreads = backends.find(({ name }) => name === 'wasm').available ? 'wasm' : 'reference';
  for (const count of [400, 1600]) {
    const rows = rowsOf(count);
    errors.push(largestError(rows, (await cosineSimilarity(rows)).data));
    const { data } = await cosineSimilarity(rows, { backend: onThreads, threads: 2 });
    errors.push(largestError(rows, data));
    sharedResult = typeof SharedArrayBuffer !== 'undefined' && Object.prototype.toString.call(data.buffer).includes('Shared');
  }
  const { threadRefusal, runtime } = runtimeInfo();
  const refusals = Object.fromEntries(
    backends.filter(({ available }) => !available).map(({ name, description }) => [name, description]),
  );
  return {
    runtime,
    largestError: Math.max(...errors),
    backend,
    threads: sharedResult && threadRefusal === undefined,
    threadRefusal,
    refusals,
  };
}
