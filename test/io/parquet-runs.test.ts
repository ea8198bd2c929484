// Runs of levels: skipping values must have the same effect as reading them.

import { describe, expect, it } from 'vitest';
import { RunReader } from '#src/io/formats/parquet-runs.js';
import { randomSource } from '../random.js';

/** Repeated and packed runs of random lengths, mostly of one value, and the values that they encode. */
function randomRuns(width: number, random: () => number): { bytes: Uint8Array; values: number[] } {
  const bytes: number[] = [];
  const values: number[] = [];
  const below = (most: number) => Math.floor(random() * most);
  const count = (value: number) => {
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  };
  for (let run = 0; run < 12; run++) {
    const usual = below(2 ** width);
    if (random() < 0.5) {
      const length = below(100);
      count(length * 2);
      for (let i = 0; i < width; i += 8) bytes.push((usual >> i) & 255);
      values.push(...Array(length).fill(usual));
      continue;
    }
    const groups = 1 + below(6);
    count(groups * 2 + 1);
    const bits: number[] = [];
    for (let i = 0; i < groups * 8; i++) {
      const value = random() < 0.9 ? usual : below(2 ** width);
      values.push(value);
      for (let bit = 0; bit < width; bit++) bits.push((value >> bit) & 1);
    }
    for (let at = 0; at < bits.length; at += 8) bytes.push(bits.slice(at, at + 8).reduce((sum, bit, i) => sum + (bit << i), 0));
  }
  return { bytes: Uint8Array.from(bytes), values };
}

describe('equal values of runs', () => {
  it.each([1, 2, 3, 4, 5, 8, 9])('of %i bits are counted and skipped as they would be read', (width) => {
    const random = randomSource(width);
    let passed = 0;
    for (let round = 0; round < 40; round++) {
      const { bytes, values } = randomRuns(width, random);
      const reader = new RunReader(bytes, width);
      for (let at = 0; at < values.length; ) {
        const value = values[at] as number;
        const most = Math.min(values.length - at, 1 + Math.floor(random() * 50));
        const other = (value + 1) % 2 ** width;
        expect(reader.countEqual(other, most)).toBe(0);
        const count = reader.countEqual(value, most);
        expect(count).toBeLessThanOrEqual(most);
        expect(values.slice(at, at + count).every((each) => each === value)).toBe(true);
        reader.skip(count);
        passed += count;
        at += count;
        const read = new Uint32Array(Math.min(values.length - at, Math.floor(random() * 4) + (count === 0 ? 1 : 0)));
        reader.read(read, read.length);
        expect([...read]).toEqual(values.slice(at, at + read.length));
        at += read.length;
      }
    }
    expect(passed).toBeGreaterThan(1000);
  });

  it('end with the bytes', () => {
    const reader = new RunReader(Uint8Array.of(6, 1), 1);
    expect(reader.countEqual(1, 100)).toBe(3);
    reader.skip(3);
    expect(() => reader.countEqual(1, 1)).toThrow('a count that does not end');
  });
});
