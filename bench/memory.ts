// How much memory does the dense matrix take? Peak resident size of a whole process, beside its result and its input.
//
//     npx tsx bench/memory.ts            10000x384, or the sizes given

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What is allowed beside the result: 1.5 times the input, and this for Node, threads and scratch. */
const ALLOWANCE = 64 * 2 ** 20;

const SCRIPT = `
  import { cosineSimilarity } from 'allpairs';
  const [rows, depth, threads] = process.argv.slice(1).map(Number);
  const data = new Float32Array(rows * depth);
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i);
  if (threads > 0) await cosineSimilarity({ data, shape: [rows, depth] }, { threads });
  console.log(process.resourceUsage().maxRSS * 1024);
`;

async function peakBytes(rows: number, depth: number, threads: number): Promise<number> {
  const args = ['--input-type=module', '-e', SCRIPT, String(rows), String(depth), String(threads)];
  return Number((await promisify(execFile)(process.execPath, args)).stdout);
}

const sizes = process.argv.length > 2 ? process.argv.slice(2) : ['10000x384'];
for (const [rows, depth] of sizes.map((size) => size.split('x').map(Number) as [number, number])) {
  const result = rows * rows * 4;
  const input = rows * depth * 4;
  const limit = result + 1.5 * input + ALLOWANCE;
  const withInputOnly = await peakBytes(rows, depth, 0);
  for (const threads of [1, 2]) {
    const peak = await peakBytes(rows, depth, threads);
    console.log(
      `${rows} x ${depth}, ${threads} threads: peak ${mega(peak)} = result ${mega(result)} + process with its input ${mega(withInputOnly)} + ${mega(peak - result - withInputOnly)};` +
        ` result + 1.5 x input + 64 MiB is ${mega(limit)}: ${peak <= limit ? 'within' : 'OVER'}`,
    );
  }
}

function mega(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
