import { COMMAND_WORDING, DECODED_FRACTION } from '../../command-wording.js';
import { findingsOf } from '../../health/findings.js';
import { type Finding, type Health, health } from '../../index.js';
import { libraryBytes } from '../../io/library-memory.js';
import type { CallOptions } from '../call-options.js';
import { checkStdin, nameInputs, noteOrigin, openInput, readingOf } from '../input.js';
import { bold, dim, formatCount, green, print, printJson, wantsJson, yellow } from '../output.js';
import { ProgressLine } from '../progress.js';
import { checkReadingOptions } from '../reading-options.js';
import { transformFor } from '../saved-transform.js';

/** `allpairs health`: reports whether the cosines of the rows are meaningful. */
export async function runHealth(inputs: readonly string[], options: CallOptions, signal: AbortSignal): Promise<void> {
  checkStdin({ 'the input': nameInputs(inputs) });
  checkReadingOptions(inputs, options);
  const { column, query, threads, backend, memory } = options;
  const transform = await transformFor(options);
  const reading = { ...readingOf(options), column, query, signal };
  const x = await openInput(inputs, memory === undefined ? reading : { ...reading, memoryBudget: memory * DECODED_FRACTION });
  const progress = new ProgressLine(options.quiet);
  try {
    if (!options.quiet) noteOrigin(x);
    const budget = memory && Math.max(1, memory - libraryBytes() - x.heldBytes);
    const call = { threads, backend, memoryBudget: budget, signal, onProgress: progress.update, ...transform };
    const found = await health(x, call);
    progress.finish();
    const hubs = found.hubs.map((hub) => ({ ...hub, row: x.rowNumbers?.[hub.row] ?? hub.row }));
    const figures = { ...found, hubs };
    const report = { ...figures, findings: findingsOf(figures, COMMAND_WORDING) };
    if (wantsJson(options)) printJson(report);
    else show(report);
  } finally {
    progress.finish();
    await x.close();
  }
}

function show({ verdict, rows, depth, findings, sampled }: Health): void {
  print(`${formatCount(rows)} rows of ${formatCount(depth)} elements\n`);
  for (const finding of findings) {
    const { name, notable, meaning, advice } = finding;
    print(`${notable ? yellow('!') : green('·')} ${bold(name)} ${textOf(finding)}`);
    print(`  ${meaning}`);
    if (notable || name === 'suggestedThreshold') print(`  ${dim(advice)}`);
  }
  print(`\n${verdict}`);
  const { neighbourRows, changedRows, queryRows, varianceRows, scoreRows } = sampled;
  if (neighbourRows === rows && changedRows === rows && varianceRows === rows && scoreRows === rows) return;
  print(
    dim(
      `Hubs of ${formatCount(neighbourRows)} rows, neighbours kept of ${formatCount(queryRows)} among ${formatCount(changedRows)}, ` +
        `rank of ${formatCount(varianceRows)}, threshold of ${formatCount(scoreRows)}.`,
    ),
  );
}

function textOf({ value }: Finding): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Number.isNaN(value) ? 'none' : `${Number(value.toPrecision(3))}`;
}
