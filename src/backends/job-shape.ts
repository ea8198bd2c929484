import type { JobShape, Purpose } from './backend.js';

/** True if two jobs need the same memory. Calls in a loop do, and planning it each time would slow down short ones. */
export function isSameShape(a: JobShape, b: JobShape): boolean {
  return (
    a.dtype === b.dtype &&
    a.depth === b.depth &&
    a.xRows === b.xRows &&
    a.yRows === b.yRows &&
    a.tileRows === b.tileRows &&
    a.threads === b.threads &&
    a.sketches.short === b.sketches.short &&
    a.sketches.long === b.sketches.long &&
    a.sparse?.xNonzeros === b.sparse?.xNonzeros &&
    a.sparse?.yNonzeros === b.sparse?.yNonzeros &&
    a.sparse?.tileNonzeros === b.sparse?.tileNonzeros &&
    a.sparse?.rowNonzeros === b.sparse?.rowNonzeros &&
    a.sparse?.filtered === b.sparse?.filtered &&
    a.sparse?.commonColumns === b.sparse?.commonColumns &&
    a.grouping === b.grouping &&
    (a.thresholds ?? false) === (b.thresholds ?? false) &&
    isSamePurpose(a.purpose, b.purpose)
  );
}

function isSamePurpose(a: Purpose, b: Purpose): boolean {
  if (a.kind === 'top-k' && b.kind === 'top-k') return a.k === b.k;
  if (a.kind === 'dense' && b.kind === 'dense') return a.detachable === b.detachable;
  return a.kind === 'histogram' && b.kind === 'histogram' ? a.bins === b.bins : a.kind === b.kind;
}
