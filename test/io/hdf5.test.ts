// Datasets of HDF5 files, written by h5wasm itself.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as h5wasm from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ArgumentError, FormatError, UnsupportedError } from '../../src/errors.js';
import { readHdf5 } from '../../src/io/formats/hdf5.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const ROWS = 3000;
const DEPTH = 200;
const numbers = Float32Array.from({ length: ROWS * DEPTH }, (_, i) => Math.fround(Math.sin(i)));
const FEW = [1, 2, 250, 4, 5, 6];
const TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
};

beforeAll(async () => {
  await h5wasm.ready;
  folder = mkdtempSync(join(tmpdir(), 'allpairs-hdf5-'));
  const one = new h5wasm.File(at('one.h5'), 'w');
  one.create_dataset({ name: 'train', data: numbers, shape: [ROWS, DEPTH] });
  one.create_dataset({ name: 'line', data: Float32Array.of(1, 2) });
  one.create_dataset({ name: 'text', data: ['a', 'b'], shape: [1, 2] });
  one.create_dataset({ name: 'wide', data: BigInt64Array.of(1n, 2n), shape: [1, 2] });
  one.create_dataset({ name: 'deep', data: Float32Array.from(FEW), shape: [1, 2, 3] });
  one.close();
  const many = new h5wasm.File(at('many.h5'), 'w');
  many.create_group('types');
  const group = many.get('types') as h5wasm.Group;
  for (const [name, Type] of Object.entries(TYPES)) group.create_dataset({ name, data: Type.from(FEW), shape: [3, 2] });
  many.create_dataset({ name: 'packed', data: numbers, shape: [ROWS, DEPTH], chunks: [700, 30], compression: 4 });
  many.create_dataset({ name: 'empty', data: Float32Array.of(), shape: [0, 4] });
  many.close();
  writeFileSync(at('no.h5'), 'this is no HDF5 file '.repeat(50));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function elementsOf(file: string, column?: string) {
  const { depth, type, blocks } = await readHdf5(at(file), column);
  const elements: number[] = [];
  let count = 0;
  for await (const block of blocks()) {
    expect(block).toBeInstanceOf((TYPES as Record<string, unknown>)[type]);
    expect(block.length % depth).toBe(0);
    for (const element of block) elements.push(element);
    count += 1;
  }
  return { depth, type, elements, count };
}

const areNumbers = (elements: readonly number[]): boolean =>
  elements.length === numbers.length && numbers.every((number, i) => number === elements[i]);

describe('rows of a dataset', () => {
  it('are those of the only two-dimensional one, in blocks', async () => {
    const { depth, type, elements, count } = await elementsOf('one.h5');
    expect([depth, type]).toEqual([DEPTH, 'float32']);
    expect(count).toBe(3);
    expect(areNumbers(elements)).toBe(true);
  });

  it('are unpacked', async () => {
    expect(areNumbers((await elementsOf('many.h5', '/packed')).elements)).toBe(true);
  });

  it.each(Object.keys(TYPES))('are %s as they are', async (type) => {
    const expected = [...TYPES[type as keyof typeof TYPES].from(FEW)];
    expect(await elementsOf('many.h5', `/types/${type}`)).toEqual({ depth: 2, type, elements: expected, count: 1 });
    expect((await elementsOf('many.h5', `types/${type}`)).elements).toEqual(expected);
  });

  it('may be none', async () => {
    expect(await elementsOf('many.h5', 'empty')).toEqual({ depth: 4, type: 'float32', elements: [], count: 0 });
  });

  it('may have the other byte order', async () => {
    const file = new h5wasm.File(at('turned.h5'), 'w', { libver: ['earliest', 'v108'] });
    file.create_dataset({ name: 'train', data: Float32Array.from(FEW), shape: [3, 2] });
    file.close();
    const bytes = readFileSync(at('turned.h5'));
    // The message that describes a little-endian float32: class and version, then the byte whose first bit is the order.
    const message = Buffer.from([0x11, 0x20, 0x1f, 0x00, 0x04, 0x00, 0x00, 0x00]);
    bytes[bytes.indexOf(message) + 1] = 0x21;
    writeFileSync(at('turned.h5'), bytes);
    const turned = Buffer.from(Float32Array.from((await elementsOf('turned.h5')).elements).buffer).swap32();
    expect([...new Float32Array(turned.buffer, turned.byteOffset, FEW.length)]).toEqual(FEW);
  });
});

describe('errors', () => {
  it.each<[file: string, column: string | undefined, message: string]>([
    ['many.h5', undefined, 'several two-dimensional datasets: '],
    ['one.h5', 'test', 'no dataset test; there are deep, line, text, train, wide'],
    ['many.h5', 'types', 'no dataset types; there are '],
  ])('of the column: %s, %s', async (file, column, message) => {
    const failure = await readHdf5(at(file), column).catch((error) => error);
    expect(failure).toBeInstanceOf(ArgumentError);
    expect(failure.argument).toBe('column');
    expect(failure.message.slice(0, at(file).length + 2 + message.length)).toBe(`${at(file)}: ${message}`);
  });

  it.each([
    ['line', 'dataset line: expected two dimensions (rows, columns), got 1'],
    ['deep', 'dataset deep: expected two dimensions (rows, columns), got 3'],
    ['wide', 'dataset wide: expected float32, float64 or integers up to 32 bits, got int64'],
    ['text', 'dataset text: expected float32, float64 or integers up to 32 bits, got no numbers'],
  ])('of the dataset %s', async (column, message) => {
    await expect(readHdf5(at('one.h5'), column)).rejects.toThrow(new FormatError(at('one.h5'), 0, message));
  });

  it('of what is no HDF5 file, cut off, or not there', async () => {
    await expect(readHdf5(at('no.h5'), undefined)).rejects.toThrow(new FormatError(at('no.h5'), 0, 'file signature not found'));
    writeFileSync(at('cut.h5'), readFileSync(at('one.h5')).subarray(0, -100));
    await expect(readHdf5(at('cut.h5'), undefined)).rejects.toThrow(/cut\.h5: byte 0: truncated file: eof = /);
    await expect(readHdf5(at('missing.h5'), undefined)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of a file that changes while it is read', async () => {
    const bytes = readFileSync(at('one.h5'));
    writeFileSync(at('changing.h5'), bytes);
    const blocks = (await readHdf5(at('changing.h5'), 'train')).blocks();
    await blocks.next();
    writeFileSync(at('changing.h5'), bytes.subarray(0, 1000));
    await expect(blocks.next()).rejects.toBeInstanceOf(FormatError);
  });

  it('of a missing package', async () => {
    vi.doMock('h5wasm/node', () => {
      throw new Error('not there');
    });
    await expect(readHdf5(at('one.h5'), undefined)).rejects.toThrow(
      new UnsupportedError('reading HDF5 needs the package h5wasm: npm install h5wasm'),
    );
    vi.doUnmock('h5wasm/node');
  });
});
