import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { areFloat32 } from '#src/io/columns/bytes-element.js';
import { randomSource } from '../../random.js';

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const rows = <T>(make: (values: number[]) => T): T[] => Array.from({ length: 20 }, (_, seed) => make(normal(seed)));

/** 32 numbers from a normal distribution. */
function normal(seed: number): number[] {
  const next = randomSource(seed + 1);
  return Array.from({ length: 32 }, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()) * 0.05);
}

/** The upper halves of float32: bfloat16. */
const brains = (values: number[]) => Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (word) => word >>> 16);

describe('bytes without an element type', () => {
  it.each([
    ['embeddings', rows((values) => bytesOf(Float32Array.from(values)))],
    ['unnormalised embeddings', rows((values) => bytesOf(Float32Array.from(values, (value) => value * 400)))],
    ['mostly zeros', rows((values) => bytesOf(Float32Array.from(values, (value) => (value > 0.07 ? value : 0))))],
  ])('are read as float32 if they contain %s', (_, cells) => {
    expect(areFloat32(cells)).toBe(true);
  });

  it.each([
    ['float64', rows((values) => bytesOf(Float64Array.from(values)))],
    ['float64 of few digits', rows((values) => bytesOf(Float64Array.from(values, (value) => Math.round(value * 64) / 8)))],
    ['bfloat16', rows((values) => bytesOf(brains(values)))],
    ['int8', rows((values) => bytesOf(Int8Array.from(values, (value) => value * 1000)))],
    ['hashes', rows((values) => new Uint8Array(createHash('sha256').update(String(values[0])).digest()))],
    ['text', rows((values) => bytesOf(new TextEncoder().encode(String(values[0]).padEnd(32))))],
    ['zeros', rows(() => new Uint8Array(128))],
    ['an odd number of bytes', rows(() => new Uint8Array(7))],
  ])('are not read as float32 if they contain %s', (_, cells) => {
    expect(areFloat32(cells)).toBe(false);
  });
});
