import { extname } from 'node:path';
import { type Deduped, dedupe, type GroupingOptionsOfBoth, plan } from '../../index.js';
import { createAtomically } from '../../io/bytes/atomic-file.js';
import { RecordPlaces } from '../../io/rows/record-places.js';
import { formatByExtension } from '../../io/rows/row-formats.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import { type Call, namesOf, pruningOf } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { checkKeptNames } from '../check-names.js';
import { dropReasons, formatDropped } from '../dropped-records.js';
import { UsageError } from '../exit-codes.js';
import { planGrouping, readGrouping } from '../grouping.js';
import { readPriority } from '../keep-by.js';
import { COPIED_FORMATS, recordsFor, writeRecordsOf } from '../kept-records.js';
import { checkKeep, STDOUT, writeKept } from '../kept-rows.js';
import { dim, formatCount, formatScore, formatTable, note, print } from '../output.js';
import { checkFilesBeside } from '../output-place.js';
import { nameOf } from '../result-names.js';
import { renumber } from '../row-numbers.js';
import { writeStdout } from '../stdout.js';

export interface DedupeCommandOptions extends CallOptions {
  readonly threshold: number;
  readonly method?: 'greedy' | 'components';
  readonly keep?: string;
  readonly dropped?: string;
}

/** Number of dropped rows that are shown on a terminal. */
const SHOWN = 10;

/** `allpairs dedupe`: which rows to keep, and their records. */
export async function runDedupe(inputs: readonly string[], options: DedupeCommandOptions, signal: AbortSignal): Promise<void> {
  const { threshold, method, keepBy, keep, dropped, output, distance } = options;
  const extension = output === undefined ? '' : extname(output).toLowerCase();
  if (formatByExtension(output ?? '')?.extensions.includes(extension) && !COPIED_FORMATS.includes(extension)) {
    throw new UsageError(
      `-o ${output}: records of ${extension} files cannot be written; write the numbers of the rows with --keep kept.txt, and select those`,
    );
  }
  if (distance && dropped === undefined && (output !== undefined || keep !== undefined)) {
    throw new UsageError('--distance is about the scores of dropped rows; add --dropped dropped.csv, or leave it out');
  }
  const reasons = dropped === undefined ? undefined : dropReasons(dropped);
  await checkKeep(inputs, options);
  await checkFilesBeside({ dropped, ...(keep !== STDOUT && { keep }) }, inputs, options);
  const places = new RecordPlaces();
  const asked = { threshold, method, ...pruningOf(options) };
  const task: AnswerTask<Deduped> = {
    command: 'dedupe',
    formats: COPIED_FORMATS,
    places,
    mayBeEmpty: true,
    // The plan depends on whether there are priorities, not on their values.
    plan: (call, common) => {
      const { x, y } = call;
      const grouping = ofAgainst(planGrouping(call, options));
      const priority = keepBy !== undefined && { priority: new Uint8Array(x.rows) };
      return plan.dedupe(x, { ...common, ...asked, ...grouping, against: y, ...priority });
    },
    check: (call, kind) => {
      checkKeptNames(keep, call.rowNames);
      if (output !== undefined) recordsFor(call, places, kind);
    },
    compute: async (call) => {
      const { x, y, options: common } = call;
      const priority = keepBy === undefined ? undefined : await readPriority(call, keepBy, options);
      const grouping = ofAgainst(await readGrouping(call, options));
      return renumbered(await dedupe(x, { ...common, ...asked, ...grouping, against: y, priority }), call);
    },
    facts: (found) => ({ threshold, ...countsOf(found) }),
    describe: (found, { x, y }) => {
      const { rowsKept, rowsDropped, rowsDroppedForAgainst } = countsOf(found);
      const against = y ? `, ${formatCount(rowsDroppedForAgainst)} of them for rows of ${y.name}` : '';
      return `${formatCount(rowsDropped)} of ${formatCount(x.rows)} rows dropped at ${threshold}${against}; ${formatCount(rowsKept)} kept`;
    },
    scores: (_, { x, y }) => x.rows * (y?.rows ?? 0) + (x.rows * Math.max(0, x.rows - 1)) / 2,
    write: (file, kind, { kept }, call) =>
      writeRecordsOf(recordsFor(call, places, kind), kept, (bytes) => file.append(bytes), signal),
    print: (found, call) =>
      output === STDOUT
        ? writeRecordsOf(recordsFor(call, places, undefined), found.kept, writeStdout, signal)
        : printDropped(found, call, signal),
    show,
    writeAside: async (found, call) => {
      if (dropped !== undefined && reasons) {
        await createAtomically(dropped, async (file) => {
          for (const text of formatDropped(reasons, found, namesOf(call))) await file.append(Buffer.from(text));
        });
      }
      return { keep: await writeKept(keep, found.kept, call.rowNames), dropped };
    },
    // The answer is not printed if it is written elsewhere.
    stdoutTaken: output === undefined && (keep !== undefined || dropped !== undefined),
  };
  return withAnswer(task, inputs, options, signal);
}

function ofAgainst({ groupOfY, ...grouping }: GroupingOptionsOfBoth) {
  return { ...grouping, groupOfAgainst: groupOfY };
}

/** Replaces row numbers by those of the inputs. */
function renumbered(found: Deduped, { x, y }: Call): Deduped {
  const { kept, dropped } = found;
  renumber(kept, x.rowNumbers);
  renumber(dropped.rows, x.rowNumbers);
  for (const [at, source] of dropped.sources.entries()) {
    renumber(dropped.keptRows.subarray(at, at + 1), (source === 'x' ? x : y)?.rowNumbers);
  }
  return found;
}

function countsOf({ kept, dropped }: Deduped): { rowsKept: number; rowsDropped: number; rowsDroppedForAgainst: number } {
  const rowsDroppedForAgainst = dropped.sources.filter((source) => source === 'against').length;
  return { rowsKept: kept.length, rowsDropped: dropped.length, rowsDroppedForAgainst };
}

async function printDropped(found: Deduped, call: Call, signal: AbortSignal): Promise<void> {
  for (const text of formatDropped('.jsonl', found, namesOf(call))) {
    signal.throwIfAborted();
    await writeStdout(text);
  }
}

function show({ dropped }: Deduped, { rowNames, colNames, distance, y }: Call): void {
  if (dropped.length === 0) return;
  const lines = Array.from(dropped.rows.subarray(0, SHOWN), (row, at) => {
    const ofAgainst = dropped.sources[at] === 'against';
    const keeper = nameOf(dropped.keptRows[at] as number, ofAgainst ? colNames : rowNames, 44);
    return [
      formatScore(distance ? 1 - (dropped.scores[at] as number) : (dropped.scores[at] as number)),
      nameOf(row, rowNames, 44),
      dim('for'),
      ofAgainst ? `${keeper} of ${y?.name}` : keeper,
    ];
  });
  print(`\n${formatTable(lines, ['right', 'left', 'left', 'left'])}`);
  const more = dropped.length - SHOWN;
  if (more > 0) note(dim(`\nand ${formatCount(more)} more: --dropped dropped.csv (or .jsonl)`));
}
