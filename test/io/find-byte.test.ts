// The search for a byte, in Node and in browsers.

import { describe, expect, it } from 'vitest';
import * as node from '#src/io/formats/find-byte-node.js';
import * as web from '#src/io/formats/find-byte-web.js';

describe.each([
  ['Node', node],
  ['the web', web],
])('the search for a byte in %s', (_, { findByte }) => {
  it('finds the first one from the start, in the given part of a buffer', () => {
    const all = Uint8Array.of(9, 1, 9, 2, 9, 9);
    const part = all.subarray(1, 5);
    expect([0, 1, 2, 3, 4].map((start) => findByte(part, 9, start))).toEqual([1, 1, 3, 3, -1]);
    expect(findByte(part, 7, 0)).toBe(-1);
    expect(findByte(new Uint8Array(0), 9, 0)).toBe(-1);
  });
});
