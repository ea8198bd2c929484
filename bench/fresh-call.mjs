// One process of bench/fresh-processes.ts: reads rows, makes one call, then some calls, then some thousand calls, and writes the times and
// the answer. It is plain JavaScript, so that only the library is loaded.

import { readFileSync } from 'node:fs';
import { cosineSimilaritySync } from 'allpairs';

const [path, ...numbers] = process.argv.slice(2);
const [rows, depth, calls, warmUp] = numbers.map(Number);
const { buffer } = new Uint8Array(readFileSync(path));
const x = { data: new Float32Array(buffer), shape: [rows, depth] };
let start = performance.now();
const { data } = cosineSimilaritySync(x);
const firstSeconds = (performance.now() - start) / 1000;
start = performance.now();
for (let call = 0; call < calls; call++) cosineSimilaritySync(x);
const seconds = (performance.now() - start) / 1000 / calls;
for (let call = 0; call < warmUp; call++) cosineSimilaritySync(x);
start = performance.now();
for (let call = 0; call < warmUp; call++) cosineSimilaritySync(x);
const warmSeconds = (performance.now() - start) / 1000 / warmUp;
console.log(JSON.stringify({ firstSeconds, seconds, warmSeconds, scores: Buffer.from(data.buffer).toString('base64') }));
