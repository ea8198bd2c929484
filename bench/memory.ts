// How much memory do the matrix and the top ten take? Peak resident size of a whole process, beside its result and its input.
//
//     npx tsx bench/memory.ts                       matrix 10000x384 and topk 100000x128
//     npx tsx bench/memory.ts matrix 4000x768       another size

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What is allowed beside the result: so many times the input, and `ALLOWANCE` for Node, threads and scratch. */
const CALLS = {
  matrix: { inputs: 1.5, resultBytes: (rows: number) => 4 * rows * rows },
  topk: { inputs: 2.5, resultBytes: (rows: number) => 8 * 10 * rows },
};
const ALLOWANCE = 64 * 2 ** 20;

const SCRIPT = `
  import { cosineSimilarity, topK } from 'allpairs';
  const [call, ...numbers] = process.argv.slice(1);
  const [rows, depth, threads] = numbers.map(Number);
  const data = new Float32Array(rows * depth);
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i * 12.9898) * 43758.5453 % 1;
  const x = { data, shape: [rows, depth] };
  if (threads > 0) await (call === 'topk' ? topK(x, { k: 10, threads }) : cosineSimilarity(x, { threads }));
  console.log(process.resourceUsage().maxRSS * 1024);
`;

async function peakBytes(call: string, rows: number, depth: number, threads: number): Promise<number> {
  const args = ['--input-type=module', '-e', SCRIPT, call, String(rows), String(depth), String(threads)];
  return Number((await promisify(execFile)(process.execPath, args)).stdout);
}

const asked =
  process.argv.length > 3
    ? [process.argv.slice(2, 4)]
    : [
        ['matrix', '10000x384'],
        ['topk', '100000x128'],
      ];
for (const [call, size] of asked as [keyof typeof CALLS, string][]) {
  const [rows, depth] = size.split('x').map(Number) as [number, number];
  const { inputs, resultBytes } = CALLS[call];
  const result = resultBytes(rows);
  const limit = result + inputs * rows * depth * 4 + ALLOWANCE;
  const withInputOnly = await peakBytes(call, rows, depth, 0);
  for (const threads of [1, 2]) {
    const peak = await peakBytes(call, rows, depth, threads);
    const rest = mega(peak - result - withInputOnly);
    console.log(
      `${call} ${size}, ${threads} threads: peak ${mega(peak)} = result ${mega(result)} + process with its input ${mega(withInputOnly)} + ${rest}; ` +
        `result + ${inputs} x input + 64 MiB is ${mega(limit)}: ${peak <= limit ? 'within' : 'OVER'}`,
    );
  }
}

function mega(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
