// Messages between the page and the command.

import { describe, expect, it } from 'vitest';
import { decode, encode, messagesIn } from '../../web/src/compute/wire.js';

const VALUE = {
  text: 'ä “b”',
  none: null,
  numbers: [1, -0.5, Number.NaN, Number.POSITIVE_INFINITY],
  arrays: {
    z: Float32Array.of(0.1, Number.NaN),
    a: [Uint16Array.of(1, 2, 3), Float64Array.of(1e300)],
    empty: new Uint32Array(),
  },
};

function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function all(pieces: readonly Uint8Array[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const message of messagesIn(streamOf(pieces))) values.push(decode(message));
  return values;
}

describe('messages', () => {
  it('preserve values and typed arrays, including parts of a buffer', () => {
    expect(decode(encode(VALUE))).toEqual(VALUE);
    const part = new Float64Array([1, 2, 3, 4]).subarray(1, 3);
    expect(decode(encode([part]))).toEqual([Float64Array.of(2, 3)]);
  });

  it('are read at any position of a larger buffer', () => {
    const message = encode(VALUE);
    const shifted = new Uint8Array(message.length + 3);
    shifted.set(message, 3);
    expect(decode(shifted.subarray(3))).toEqual(VALUE);
  });

  it('number functions in order', () => {
    const numbers: unknown[] = [];
    const [, first, second] = decode(encode([1, () => {}, () => {}]), (number) => () => numbers.push(number)) as (() => void)[];
    second?.();
    first?.();
    expect(numbers).toEqual([1, 0]);
  });

  it.each([1, 3, 8, 50, 1e6])('are reassembled from pieces of %i bytes', async (size) => {
    const bytes = Buffer.concat([encode(1), encode(VALUE), encode('x'), encode(VALUE)]);
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    expect(await all(pieces)).toEqual([1, VALUE, 'x', VALUE]);
  });

  it('that are truncated cause errors', async () => {
    const message = encode(VALUE);
    await expect(all([message.subarray(0, message.length - 1)])).rejects.toThrow('expected a whole message');
    await expect(all([message, Uint8Array.of(1)])).rejects.toThrow('expected a whole message');
    expect(() => decode(message.subarray(0, 20))).toThrow(RangeError);
  });
});
