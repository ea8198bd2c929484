// Formats shard numbers as schedulers expect them: '0-16,18'.

/** Formats ascending `indices` as ranges. */
export function formatRanges(indices: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < indices.length; ) {
    const first = indices[at] as number;
    let last = first;
    while (indices[++at] === last + 1) last++;
    ranges.push(first === last ? `${first}` : `${first}-${last}`);
  }
  return ranges.join(',');
}
