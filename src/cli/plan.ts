// Shows what a command would do, for --dry-run.

import type { WorkPlan } from '../index.js';
import { dim, formatBytes, formatCount, formatTable, note, print, printJson, wantsJson } from './output.js';

export function printPlan(plan: WorkPlan, options: { readonly json?: boolean; readonly output?: string }): void {
  if (wantsJson(options)) printJson({ ...plan, output: options.output });
  else printForPeople(plan);
}

function printForPeople(plan: WorkPlan): void {
  const { backend, threads, multiplyAdds, pruning, passes, blockRows, tiles, tileRows, bytesRead, resultBytes, memoryBytes } =
    plan;
  const blocks = passes === 1 ? 'all rows at once' : `blocks of ${formatCount(blockRows)} rows`;
  const facts = [
    ['computes', `${multiplyAdds.toExponential(1)} multiply-adds`, `${backend}, ${threads} threads`],
    ...(pruning === 'auto' ? [['', '', 'or fewer, where a sample says that it pays']] : []),
    ['passes', formatCount(passes), blocks],
    ['tiles', formatCount(tiles), `up to ${tileRows} x ${tileRows} scores`],
    ['reads', formatBytes(bytesRead), 'of the input'],
    ['writes', resultBytes === undefined ? 'as many as there are' : formatBytes(resultBytes), ''],
    ['memory', formatBytes(memoryBytes), 'at most, in addition to the runtime'],
  ];
  print(
    formatTable(
      facts.map(([name, value, more]) => [dim(name as string), value as string, dim(more as string)]),
      ['left', 'right', 'left'],
    ),
  );
  note(dim('nothing was computed (--dry-run)'));
}
