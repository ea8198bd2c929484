import { join, resolve } from 'node:path';
import { type Job, openJob } from '../../cluster/job/job.js';
import type { RowPlace } from '../../cluster/job/row-place.js';
import { mergeMatrix } from '../../cluster/merge/merge-matrix.js';
import { mergePairs } from '../../cluster/merge/merge-pairs.js';
import { mergeTopK } from '../../cluster/merge/merge-top-k.js';
import { COMMAND_WORDING } from '../../command-wording.js';
import { createAtomically } from '../../io/bytes/atomic-file.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import type { CallOptions } from '../call-options.js';
import { checkNames } from '../check-names.js';
import { UsageError } from '../exit-codes.js';
import { FoundPairs } from '../found-pairs.js';
import { checkSymmetric, GRAPH_FORMATS, type GraphSides } from '../graph.js';
import { checkStdin } from '../input.js';
import { labelsPath } from '../labels.js';
import { formatCount, note } from '../output.js';
import { checkOutputPlace } from '../output-place.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from '../pairs-records.js';
import { filesOfNames, nameFlags, readNames } from '../read-names.js';
import { outputFormat, printRecords } from '../records.js';
import type { ResultNames } from '../result-names.js';
import { namingTyped } from '../system-error.js';
import { batchesOfTopK, columnsOfTopK, writeTopK } from '../topk-records.js';

export interface MergeOptions
  extends Pick<
    CallOptions,
    'labels' | 'againstLabels' | 'ids' | 'againstIds' | 'carry' | 'againstCarry' | 'symmetric' | 'distance' | 'quiet'
  > {
  readonly output: string;
}

/** `allpairs merge`: combines the parts of a job into the result that one machine would have written. */
export async function runMerge(place: string, options: MergeOptions, signal: AbortSignal): Promise<void> {
  const { output } = options;
  checkStdin({
    '--labels': options.labels && labelsPath(options.labels),
    '--against-labels': options.againstLabels && labelsPath(options.againstLabels),
  });
  const job = await openJob(place);
  try {
    const isMatrix = job.manifest.question.kind === 'matrix';
    const format = outputFormat(output, isMatrix ? ['.npy'] : [...RECORD_FORMATS, '.npz', ...GRAPH_FORMATS]);
    if (format !== undefined) await checkOutputPlace('-o', output, filesOf(job, options));
    if (isMatrix) await writeMatrix(job, options, signal);
    else await writeRecordsOf(job, format, options, signal);
    if (format !== undefined && !options.quiet) note(`wrote ${output}`);
  } catch (error) {
    throw namingTyped(namingTyped(error, place), output);
  } finally {
    await job.close();
  }
}

/** Returns the files that are read until the end. */
function filesOf({ manifest: { x, y }, storage }: Job, options: MergeOptions): (string | undefined)[] {
  const rows = [x, y].map((place) => place && (place.within ? join(storage.name, place.name) : place.name));
  return [...rows, ...filesOfNames(options)];
}

async function writeMatrix(job: Job, options: MergeOptions, signal: AbortSignal): Promise<void> {
  const { output } = options;
  if (output === '-') throw new UsageError('-o -: a matrix cannot be merged to stdout; expected a file name that ends in .npy');
  const refused = (['labels', 'againstLabels', 'ids', 'againstIds', 'carry', 'againstCarry', 'distance'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (refused !== undefined) {
    throw new UsageError(`${COMMAND_WORDING.option(refused)}: a matrix is merged as it is; leave the option out`);
  }
  await mergeMatrix(job, resolve(output), signal);
}

function sideOf({ layout: { rows } }: RowPlace): GraphSides['rows'] {
  return { count: rows, left: [] };
}

/** Writes to a file in `format`, or to stdout. */
async function writeRecordsOf(job: Job, format: string | undefined, options: MergeOptions, signal: AbortSignal): Promise<void> {
  const { output, quiet, symmetric } = options;
  const { question, x, y } = job.manifest;
  const names = await namesOf(job, options, signal);
  checkNames(format, names);
  const sides: GraphSides = { rows: sideOf(x), cols: y && sideOf(y) };
  if (symmetric) checkSymmetric({ symmetric, output, against: y?.name });
  if (question.kind === 'topk') {
    const found = await mergeTopK(job, question.k, signal);
    if (format === undefined) return printRecords(columnsOfTopK(names), batchesOfTopK(found, undefined, names), signal);
    const written = { format, names, sides, symmetric, signal };
    return createAtomically(output, (file) => writeTopK(file, found, undefined, written));
  }
  const read = () => mergePairs(job, signal);
  if (format === undefined) return printRecords(columnsOfPairs(names), batchesOfPairs(read(), names), signal);
  const found = new FoundPairs();
  await createAtomically(output, (file) => writePairs(file, read, found, { format, names, sides, symmetric, signal }));
  if (!quiet) note(`${formatCount(found.count)} pairs`);
}

async function namesOf({ manifest }: Job, options: MergeOptions, signal: AbortSignal): Promise<ResultNames> {
  const { x, y, dtype } = manifest;
  const refused = (['againstLabels', 'againstIds', 'againstCarry'] as const).find((name) => options[name] !== undefined);
  if (!y && refused !== undefined) {
    const own = COMMAND_WORDING.option(refused).replace('against-', '');
    throw new UsageError(`${COMMAND_WORDING.option(refused)}: this job compares its rows with themselves; use ${own}`);
  }
  const flags = nameFlags(options);
  const rows = await readNames({ rows: x.layout.rows }, flags.rows, { signal });
  const cols = y ? await readNames({ rows: y.layout.rows }, flags.cols, { signal }) : rows;
  return { rows, cols, score: dtype === 'float64' ? 'f8' : 'f4', distance: options.distance };
}
