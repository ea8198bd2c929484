// One process of bench/fresh-processes.ts: reads rows, calls once, then a hundred times, and writes how long that took and what the answer was.
// Plain JavaScript, so that nothing but the library is loaded.

import { readFileSync } from 'node:fs';
import { cosineSimilaritySync } from 'allpairs';

const [path, rows, depth, calls] = process.argv.slice(2);
const { buffer } = new Uint8Array(readFileSync(path));
const x = { data: new Float32Array(buffer), shape: [Number(rows), Number(depth)] };
let start = performance.now();
const { data } = cosineSimilaritySync(x);
const firstSeconds = (performance.now() - start) / 1000;
start = performance.now();
for (let call = 0; call < calls; call++) cosineSimilaritySync(x);
const seconds = (performance.now() - start) / 1000 / calls;
console.log(JSON.stringify({ firstSeconds, seconds, scores: Buffer.from(data.buffer).toString('base64') }));
