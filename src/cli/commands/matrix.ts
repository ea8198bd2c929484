import process from 'node:process';
import { cosineSimilarity, encodeNpyHeader, type Matrix, planWork, streamMatrix } from '../../index.js';
import { joinSummaries, NO_SCORES, type ScoreSummary, summarizeBlock } from '../../io/score-summary.js';
import { type Call, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { dim, formatCount, formatScore, formatSeconds, formatTable, print, printJson, wantsJson } from '../output.js';
import { printPlan } from '../plan.js';
import { dtypeOf, writeMatrix } from '../saved-matrix.js';

/** Rows and columns that are printed. */
const CORNER = 6;

/** `allpairs matrix`: computes, and writes the matrix or prints a corner of it. */
export function runMatrix(input: string, options: CallOptions, signal: AbortSignal): Promise<void> {
  return withCall('matrix', ['.npy', '.npz'], input, options, signal, async (call, _, run) => {
    const { x, y } = call;
    const plan = planWork('streamMatrix', x, y, call.options);
    if (options.dryRun) return printPlan(plan, options);
    if (options.output === '-') return writeToStdout(await cosineSimilarity(x, y, call.options));
    await call.begin(run, { blockRows: plan.blockRows });
    const started = performance.now();
    const found = run ? { summary: await writeMatrix(run, call) } : await summarize(call);
    await call.finish();
    if (run && options.quiet) return;
    const report = {
      ...found,
      shape: [x.rows, (y ?? x).rows] as const,
      dtype: dtypeOf(call),
      seconds: (performance.now() - started) / 1000,
      backend: plan.backend,
      output: options.output,
    };
    if (wantsJson(options)) printJson(toJson(report));
    else printForPeople(report, y === undefined);
  });
}

/** The extremes and the mean, and a corner, without keeping the matrix. */
async function summarize({ x, y, options }: Call): Promise<{ summary: ScoreSummary; corner: number[][] }> {
  let summary = NO_SCORES;
  let corner: number[][] = Array.from({ length: Math.min(x.rows, CORNER) }, () => []);
  for await (const { index, row, col, matrix } of streamMatrix(x, y, options)) {
    const [rows, cols] = matrix.shape;
    summary = joinSummaries(summary, summarizeBlock(matrix.data, { row, col, rows, cols }, y === undefined));
    if (index === 0) corner = cornerOf(matrix);
  }
  return { summary, corner };
}

interface Report {
  readonly summary: ScoreSummary;
  readonly corner?: readonly number[][];
  readonly shape: readonly [rows: number, cols: number];
  readonly dtype: 'float32' | 'float64';
  readonly seconds: number;
  readonly backend: string;
  readonly output: string | undefined;
}

async function writeToStdout({ data, shape }: Matrix): Promise<void> {
  const header = encodeNpyHeader(data instanceof Float32Array ? 'float32' : 'float64', shape);
  for (const bytes of [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]) {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function toJson({ shape, summary, dtype, seconds, backend, output, corner }: Report): unknown {
  const { count, lowest, highest, sum } = summary;
  const facts = { rows: shape[0], cols: shape[1], dtype, backend, seconds, count, lowest, mean: sum / count, highest };
  return output === undefined ? { ...facts, corner } : { ...facts, output };
}

function cornerOf(matrix: Matrix): number[][] {
  const [rows, cols] = matrix.shape;
  return Array.from({ length: Math.min(rows, CORNER) }, (_, i) =>
    Array.from(matrix.row(i).subarray(0, Math.min(cols, CORNER))),
  );
}

function printForPeople({ shape, summary, seconds, backend, output, corner }: Report, symmetric: boolean): void {
  const [rows, cols] = shape;
  const rate = formatCount(Math.round((rows * cols) / seconds / 1e6));
  print(
    `${formatCount(rows)} x ${formatCount(cols)} scores in ${formatSeconds(seconds)}  ${dim(`${backend}, ${rate} million/s`)}`,
  );
  if (summary.count > 0) {
    const { lowest, highest, sum, count } = summary;
    print('');
    print(
      formatTable(
        [
          ['highest', formatScore(highest.score), dim(`rows ${highest.row} and ${highest.col}`)],
          ['mean', formatScore(sum / count), symmetric ? dim('without the diagonal') : ''],
          ['lowest', formatScore(lowest.score), dim(`rows ${lowest.row} and ${lowest.col}`)],
        ],
        ['left', 'right', 'left'],
      ),
    );
  }
  print('');
  if (output !== undefined) print(`written to ${output}`);
  else printCorner(corner ?? [], shape);
}

function printCorner(corner: readonly number[][], [rows, cols]: Report['shape']): void {
  const more = cols > CORNER ? [dim('...')] : [];
  const head = ['', ...(corner[0] ?? []).map((_, j) => dim(String(j))), ...more];
  const body = corner.map((row, i) => [dim(String(i)), ...row.map(formatScore), ...more]);
  const foot = rows > CORNER ? [[dim('...')]] : [];
  print(
    formatTable(
      [head, ...body, ...foot],
      head.map(() => 'right'),
    ),
  );
  if (rows > CORNER || cols > CORNER) print(dim('\nthe whole matrix: -o scores.npy'));
}
