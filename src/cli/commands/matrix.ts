import process from 'node:process';
import { cosineSimilarity, type Matrix, type Options, plan, streamMatrix } from '../../index.js';
import { encodeNpyHeader } from '../../io/rows/npy.js';
import { joinSummaries, NO_SCORES, type ScoreSummary, summarizeBlock } from '../../io/runs/score-summary.js';
import { type Call, describeZeroRows, type Task, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { UsageError } from '../exit-codes.js';
import {
  dim,
  formatCount,
  formatRate,
  formatScore,
  formatSeconds,
  formatTable,
  note,
  print,
  printJson,
  wantsJson,
} from '../output.js';
import { dtypeOf, writeMatrix } from '../saved-matrix.js';
import { turnIntoDistances, writtenBlocks } from '../scores.js';
import { writeStdout } from '../stdout.js';

/** Number of rows and columns that are printed. */
const CORNER = 6;

/** `allpairs matrix`: computes the matrix, and writes it or prints a corner of it. */
export function runMatrix(inputs: readonly string[], options: CallOptions, signal: AbortSignal): Promise<void> {
  const planOf = ({ x, y }: Call, call: Options) => plan.streamMatrix(x, y, call);
  const work: Task['work'] = async (call, _, run) => {
    const { x, y } = call;
    if (options.output === '-') {
      const matrix = await cosineSimilarity(x, y, call.options);
      if (call.distance) turnIntoDistances(matrix.data);
      return writeToStdout(matrix);
    }
    const planned = planOf(call, call.options);
    await call.begin(run, { blockRows: planned.blockRows });
    const started = performance.now();
    const found: Partial<Report> & { summary: ScoreSummary } = run
      ? { summary: await writeMatrix(run, call) }
      : await summarize(call);
    await call.finish();
    const report = {
      ...found,
      shape: [x.rows, (y ?? x).rows] as const,
      dtype: dtypeOf(call),
      seconds: (performance.now() - started) / 1000,
      backend: planned.backend,
      output: options.output,
    };
    if (!run && wantsJson(options)) return printJson(toJson(report));
    if (!options.quiet) {
      if (run && options.json) note(JSON.stringify(toJson(report)));
      else {
        noteForPeople(report, y === undefined);
        for (const line of describeZeroRows(call, options)) note(line);
      }
    }
    if (!run) printCorner(report.corner ?? [], report.shape);
  };
  if (options.output === '-' && process.stdout.isTTY) {
    throw new UsageError('-o - writes a binary .npy, which a terminal cannot show; redirect it, or give -o a file name');
  }
  const task = { command: 'matrix', formats: ['.npy', '.npz'], plan: planOf, work };
  return withCall(options.output === '-' ? { ...task, attempt: planWhole } : task, inputs, options, signal);
}

/** Throws MemoryError if the whole matrix does not fit; computes nothing. */
async function planWhole({ x, y }: Call, options: Options): Promise<void> {
  const signal = AbortSignal.abort();
  await cosineSimilarity(x, y, { ...options, signal }).catch((error) => {
    if (error !== signal.reason) throw error;
  });
}

/** Finds the extremes, the mean and a corner without keeping the matrix. */
async function summarize({ x, y, options, distance }: Call): Promise<{ summary: ScoreSummary; corner: number[][] }> {
  let summary = NO_SCORES;
  let corner: number[][] = Array.from({ length: Math.min(x.rows, CORNER) }, () => []);
  for await (const { index, row, col, matrix } of writtenBlocks(streamMatrix(x, y, options), distance)) {
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
    await writeStdout(bytes);
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

function noteForPeople({ shape, summary, seconds, backend, output }: Report, symmetric: boolean): void {
  const [rows, cols] = shape;
  note(
    `${formatCount(rows)} x ${formatCount(cols)} scores in ${formatSeconds(seconds)}  ${dim(`${backend}, ${formatRate(rows * cols, seconds)}`)}`,
  );
  if (summary.count > 0) {
    const { lowest, highest, sum, count } = summary;
    note('');
    note(
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
  note(output === undefined ? '' : `\nwrote ${output}`);
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
  if (rows > CORNER || cols > CORNER) note(dim('\nthe whole matrix: -o scores.npy'));
}
