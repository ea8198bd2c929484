import { type Dendrogram, type LinkageOptions, linkage, plan } from '../../index.js';
import type { AtomicFile } from '../../io/bytes/atomic-file.js';
import { writeRecords } from '../../io/records/record-file.js';
import type { Batch, Column } from '../../io/records/record-sink.js';
import { encodeNpyHeader } from '../../io/rows/npy.js';
import { namedArray, writeNpz } from '../../io/rows/npz-file.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import type { CallOptions } from '../call-options.js';
import { refuseSkip } from '../input.js';
import { dim, formatCount, formatTable, note, print } from '../output.js';
import { printRecords } from '../records.js';

export interface LinkageCommandOptions extends CallOptions {
  readonly method?: LinkageOptions['method'];
}

/** Number of merges that are shown on a terminal. */
const SHOWN = 10;

const COLUMNS: readonly Column[] = [
  { name: 'first', type: 'u4' },
  { name: 'second', type: 'u4' },
  { name: 'height', type: 'f8' },
  { name: 'size', type: 'u4' },
];

/** `allpairs linkage`: the tree of a hierarchical clustering. */
export async function runLinkage(
  inputs: readonly string[],
  options: LinkageCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  // New clusters are numbered after the rows, so rows cannot be skipped.
  refuseSkip('linkage', options.nulls);
  const { method } = options;
  const task: AnswerTask<Dendrogram> = {
    command: 'linkage',
    plan: ({ x }, call) => plan.linkage(x, { ...call, method }),
    compute: (call) => linkage(call.x, { ...call.options, method }),
    facts: (tree) => ({ method, merges: tree.shape[0] }),
    describe: (tree) => `${formatCount(tree.shape[0])} merges of ${formatCount(tree.leaves)} rows, by method ${method}`,
    write: (file, format, tree) => write(file, format, tree, signal),
    print: (tree) => printRecords(COLUMNS, [recordsOf(tree)], signal),
    show,
  };
  return withAnswer(task, inputs, options, signal);
}

async function write(file: AtomicFile, format: string, tree: Dendrogram, signal: AbortSignal): Promise<void> {
  const { data, shape } = tree;
  if (format === '.npz') return writeNpz(file, format, [namedArray('linkage', data, shape)], signal);
  if (format !== '.npy') return writeRecords(file, format, COLUMNS, [recordsOf(tree)], signal);
  // The format that SciPy accepts.
  await file.append(encodeNpyHeader('float64', shape));
  await file.append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function recordsOf({ data, shape }: Dendrogram): Batch {
  const column = (index: number) => Float64Array.from({ length: shape[0] }, (_, merge) => data[4 * merge + index] as number);
  return { length: shape[0], columns: COLUMNS.map((_, index) => column(index)) };
}

/** Shows the last merges, which give the number of clusters at each height. */
function show(tree: Dendrogram): void {
  const merges = tree.shape[0];
  if (merges === 0) return;
  const lines = Array.from({ length: Math.min(SHOWN, merges) }, (_, undone) => {
    const [, , height, size] = tree.row(merges - 1 - undone);
    return [formatCount(undone + 1), (height as number).toFixed(4), formatCount(size as number)];
  });
  print(
    `\n${formatTable([['clusters', 'above height', 'rows joined there'].map(dim), ...lines], ['right', 'right', 'right'])}`,
  );
  note(dim('\nthe whole tree: -o tree.npy (or .csv, .jsonl, .parquet)'));
}
