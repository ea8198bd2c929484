import process from 'node:process';
import { cosineSimilarity, encodeNpyHeader, type Matrix, runtimeInfo, writeNpy } from '../../index.js';
import { type CallOptions, prepareCall } from '../call.js';
import { dim, formatCount, formatScore, formatSeconds, formatTable, print, printJson, wantsJson } from '../output.js';
import { outputFormat } from '../records.js';
import { type ScoreSummary, summarizeScores } from '../summary.js';

/** Rows and columns that are printed. */
const CORNER = 6;

/** `allpairs matrix`: computes, then writes the matrix or prints a corner of it. */
export async function runMatrix(input: string, options: CallOptions, signal: AbortSignal): Promise<void> {
  outputFormat(options.output, ['.npy']);
  const call = await prepareCall(input, options, signal);
  const started = performance.now();
  const matrix = await cosineSimilarity(call.x, call.y, call.options).finally(call.finish);
  const seconds = (performance.now() - started) / 1000;
  const { y } = call;

  if (options.output === '-') return writeToStdout(matrix);
  if (options.output !== undefined) await writeNpy(options.output, matrix, { signal });
  if (options.quiet && options.output !== undefined) return;
  const report: Report = {
    matrix,
    summary: summarizeScores(matrix, y === undefined),
    seconds,
    backend: options.backend ?? runtimeInfo().backend,
    output: options.output,
  };
  if (wantsJson(options)) printJson(toJson(report));
  else printForPeople(report, y === undefined);
}

interface Report {
  readonly matrix: Matrix;
  readonly summary: ScoreSummary;
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

function toJson({ matrix, summary, seconds, backend, output }: Report): unknown {
  const [rows, cols] = matrix.shape;
  const dtype = matrix.data instanceof Float32Array ? 'float32' : 'float64';
  const shared = { rows, cols, dtype, backend, seconds, ...summary };
  return output === undefined ? { ...shared, corner: cornerOf(matrix) } : { ...shared, output };
}

function cornerOf(matrix: Matrix): number[][] {
  const [rows, cols] = matrix.shape;
  return Array.from({ length: Math.min(rows, CORNER) }, (_, i) =>
    Array.from(matrix.row(i).subarray(0, Math.min(cols, CORNER))),
  );
}

function printForPeople({ matrix, summary, seconds, backend, output }: Report, symmetric: boolean): void {
  const [rows, cols] = matrix.shape;
  const rate = formatCount(Math.round((rows * cols) / seconds / 1e6));
  print(
    `${formatCount(rows)} x ${formatCount(cols)} scores in ${formatSeconds(seconds)}  ${dim(`${backend}, ${rate} million/s`)}`,
  );
  if (summary.count > 0) {
    const { lowest, highest, mean } = summary;
    print('');
    print(
      formatTable(
        [
          ['highest', formatScore(highest.score), dim(`rows ${highest.row} and ${highest.col}`)],
          ['mean', formatScore(mean), symmetric ? dim('without the diagonal') : ''],
          ['lowest', formatScore(lowest.score), dim(`rows ${lowest.row} and ${lowest.col}`)],
        ],
        ['left', 'right', 'left'],
      ),
    );
  }
  print('');
  if (output !== undefined) print(`written to ${output}`);
  else printCorner(matrix);
}

function printCorner(matrix: Matrix): void {
  const corner = cornerOf(matrix);
  const [rows, cols] = matrix.shape;
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
