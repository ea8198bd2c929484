// Booleans of a Parquet page, stored as single bits or as runs.

import { RunReader } from './parquet-runs.js';

/**
 * Returns a function that fills an array with the next booleans of a page, as 0 or 1. The function throws a plain Error after the last one.
 */
export function openBooleans(encoding: string, bytes: Uint8Array): (target: Uint8Array) => void {
  if (encoding === 'RLE') {
    const runs = new RunReader(bytes.subarray(4), 1);
    return (target) => runs.read(target, target.length);
  }
  if (encoding !== 'PLAIN') throw new Error(`booleans encoded as ${encoding} are not supported`);
  let bit = 0;
  return (target) => {
    if (bit + target.length > 8 * bytes.length) throw new Error('the page has fewer values than it states');
    for (let i = 0; i < target.length; i++, bit++) target[i] = ((bytes[bit >>> 3] as number) >>> (bit & 7)) & 1;
  };
}
