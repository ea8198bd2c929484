import { join, resolve } from 'node:path';
import { type Job, openJob } from '../../cluster/job/job.js';
import { mergeMatrix } from '../../cluster/merge/merge-matrix.js';
import { mergePairs } from '../../cluster/merge/merge-pairs.js';
import { mergeTopK } from '../../cluster/merge/merge-top-k.js';
import { createAtomically } from '../../io/bytes/atomic-file.js';
import { RECORD_FORMATS } from '../../io/records/record-file.js';
import { UsageError } from '../exit-codes.js';
import { FoundPairs } from '../found-pairs.js';
import { checkStdin } from '../input.js';
import { labelsPath, readLabels } from '../labels.js';
import { formatCount, note } from '../output.js';
import { checkOutputPlace } from '../output-place.js';
import { batchesOfPairs, columnsOfPairs, writePairs } from '../pairs-records.js';
import { outputFormat, printRecords, type ResultNames } from '../records.js';
import { namingTyped } from '../system-error.js';
import { batchesOfTopK, columnsOfTopK, writeTopK } from '../topk-records.js';

export interface MergeOptions {
  readonly output: string;
  readonly labels?: string;
  readonly againstLabels?: string;
  readonly quiet?: boolean;
}

/** `allpairs merge`: puts the parts of a job together, as one machine would have written the result. */
export async function runMerge(place: string, options: MergeOptions, signal: AbortSignal): Promise<void> {
  const { output } = options;
  checkStdin({
    '--labels': options.labels && labelsPath(options.labels),
    '--against-labels': options.againstLabels && labelsPath(options.againstLabels),
  });
  const job = await openJob(place);
  try {
    const isMatrix = job.manifest.question.kind === 'matrix';
    const format = outputFormat(output, isMatrix ? ['.npy'] : [...RECORD_FORMATS, '.npz']);
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

/** What is read until the end. */
function filesOf({ manifest: { x, y }, storage }: Job, { labels, againstLabels }: MergeOptions): (string | undefined)[] {
  const rows = [x, y].map((place) => place && (place.within ? join(storage.name, place.name) : place.name));
  return [...rows, labels && labelsPath(labels), againstLabels && labelsPath(againstLabels)];
}

async function writeMatrix(job: Job, { output, labels, againstLabels }: MergeOptions, signal: AbortSignal): Promise<void> {
  if (output === '-') throw new UsageError('-o -: a matrix cannot be merged to stdout; expected a file name that ends in .npy');
  if (labels ?? againstLabels) throw new UsageError('--labels: a matrix has no labels; leave the option out');
  await mergeMatrix(job, resolve(output), signal);
}

/** To a file in `format`, or to stdout. */
async function writeRecordsOf(job: Job, format: string | undefined, options: MergeOptions, signal: AbortSignal): Promise<void> {
  const { output, quiet } = options;
  const { question } = job.manifest;
  const names = await namesOf(job, options);
  if (question.kind === 'topk') {
    const found = await mergeTopK(job, question.k, signal);
    if (format === undefined) return printRecords(columnsOfTopK(names), batchesOfTopK(found, undefined), signal);
    return createAtomically(output, (file) => writeTopK(file, format, found, undefined, names, signal));
  }
  const read = () => mergePairs(job, signal);
  if (format === undefined) return printRecords(columnsOfPairs(names), batchesOfPairs(read()), signal);
  const found = new FoundPairs();
  await createAtomically(output, (file) => writePairs(file, format, read, found, names, signal));
  if (!quiet) note(`${formatCount(found.count)} pairs`);
}

async function namesOf({ manifest, symmetric }: Job, { labels, againstLabels }: MergeOptions): Promise<ResultNames> {
  const { x, y, dtype } = manifest;
  if (symmetric && againstLabels !== undefined)
    throw new UsageError('--against-labels: this job compares its rows with themselves; use --labels');
  const own = labels === undefined ? undefined : await readLabels(labels, x.layout.rows);
  const others = againstLabels === undefined || !y ? undefined : await readLabels(againstLabels, y.layout.rows);
  return { labels: own, otherLabels: y ? others : own, score: dtype === 'float64' ? 'f8' : 'f4' };
}
