// Datasets of HDF5 files, written by h5wasm itself.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as h5wasm from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ArgumentError, FormatError, UnsupportedError } from '../../src/errors.js';
import { readHdf5 as read } from '../../src/io/formats/hdf5.js';
import { loadHdf5 } from '../../src/io/formats/hdf5-module.js';
import { NumberTypes } from '../../src/io/formats/hdf5-number-types.js';
import { saying } from './saying.js';

const readHdf5 = (path: string, column: string | undefined) => read(path, { column });
const stored = (name: string): string => join(import.meta.dirname, 'data', name);

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
  const { depth, type, blocks } = await readHdf5(file.includes('/') ? file : at(file), column);
  const elements: number[] = [];
  let count = 0;
  for await (const block of blocks()) {
    expect(block).toBeInstanceOf(type === 'float16' ? Uint16Array : (TYPES as Record<string, unknown>)[type]);
    expect(block.length % depth).toBe(0);
    for (const element of block) elements.push(element);
    count += 1;
  }
  return { depth, type, elements, count };
}

const areNumbers = (elements: readonly number[]): boolean =>
  elements.length === numbers.length && numbers.every((number, i) => number === elements[i]);

describe('rows of a dataset', () => {
  it('are read from the only two-dimensional one, in blocks', async () => {
    const { depth, type, elements, count } = await elementsOf('one.h5');
    expect([depth, type]).toEqual([DEPTH, 'float32']);
    expect(count).toBe(3);
    expect(areNumbers(elements)).toBe(true);
  });

  it('are decompressed', async () => {
    expect(areNumbers((await elementsOf('many.h5', '/packed')).elements)).toBe(true);
  });

  it.each(Object.keys(TYPES))('are %s unchanged', async (type) => {
    const expected = [...TYPES[type as keyof typeof TYPES].from(FEW)];
    expect(await elementsOf('many.h5', `/types/${type}`)).toEqual({ depth: 2, type, elements: expected, count: 1 });
    expect((await elementsOf('many.h5', `types/${type}`)).elements).toEqual(expected);
  });

  it('are float16, in their bits, and 64-bit integers up to 2^53', async () => {
    const { depth, type, elements } = await elementsOf(stored('float16_int64.h5'));
    expect([depth, type, elements.length]).toEqual([4, 'float16', 48]);
    const file = new h5wasm.File(at('wide.h5'), 'w');
    file.create_dataset({ name: 'exact', data: BigInt64Array.of(1n, -(2n ** 53n - 1n)), shape: [1, 2] });
    file.create_dataset({ name: 'large', data: BigUint64Array.of(1n, 2n ** 64n - 1n), shape: [2, 1] });
    file.create_dataset({ name: 'cube', data: Float32Array.of(1, 2, 3, 4), shape: [2, 1, 2] });
    file.close();
    expect(await elementsOf('wide.h5', 'exact')).toMatchObject({ depth: 2, type: 'float64', elements: [1, -(2 ** 53 - 1)] });
    expect(await elementsOf('wide.h5', 'cube')).toMatchObject({ depth: 2, elements: [1, 2, 3, 4] });
    await expect(elementsOf('wide.h5', 'large')).rejects.toThrow('dataset large, row 1: 18446744073709551615 is beyond 2^53');
  });

  it('are read from a pandas table, never from its indices', async () => {
    const table = await elementsOf(stored('pandas_table.h5'));
    expect(table).toMatchObject({ depth: 4, type: 'float32' });
    expect(table.elements).toHaveLength(48);
    expect((await elementsOf(stored('blosc.h5'))).elements).toEqual(table.elements);
  });

  it('of a pandas block are refused if its columns are not a run, unless it is selected', async () => {
    const file = new h5wasm.File(at('fixed.h5'), 'w');
    file.create_dataset({ name: 'block0_items', data: ['d0', 'd1', 'price'] });
    file.create_dataset({ name: 'block0_values', data: Float32Array.from(FEW), shape: [2, 3] });
    file.close();
    const remedy =
      "it holds the columns d0, d1, price, which are no run; write the columns of the vectors alone, or take all of them with column: 'block0_values'";
    await expect(readHdf5(at('fixed.h5'), undefined)).rejects.toThrow(remedy);
    expect((await elementsOf('fixed.h5', 'block0_values')).elements).toEqual(FEW);
  });

  it('are decompressed by the filters of h5wasm-plugins', async () => {
    const { depth, elements } = await elementsOf(stored('lzf.h5'));
    expect([depth, elements.length]).toEqual([256, 12 * 256]);
    expect(elements.every((element) => Number.isFinite(element) && element !== 0)).toBe(true);
  });

  it('may be in another file, to which a link leads', async () => {
    const file = new h5wasm.File(at('link.h5'), 'w');
    file.create_external_link('one.h5', 'train', 'rows');
    file.close();
    expect(areNumbers((await elementsOf('link.h5')).elements)).toBe(true);
  });

  it('may be in a group of another file, to which a link leads', async () => {
    const other = new h5wasm.File(at('groups.h5'), 'w');
    other.create_group('outer');
    (other.get('outer') as h5wasm.Group).create_group('inner');
    (other.get('outer/inner') as h5wasm.Group).create_dataset({ name: 'few', data: Float32Array.from(FEW), shape: [3, 2] });
    other.close();
    const file = new h5wasm.File(at('group-link.h5'), 'w');
    file.create_external_link('groups.h5', 'outer', 'there');
    file.close();
    expect((await elementsOf('group-link.h5', 'there/inner/few')).elements).toEqual(FEW);
    await expect(readHdf5(at('group-link.h5'), 'there/inner/none')).rejects.toThrow('no column matches "there/inner/none"');
  });

  it('are found with few calls of HDF5 in many or deep groups', async () => {
    const { module } = await loadHdf5('');
    const file = new h5wasm.File(at('deep.h5'), 'w');
    let group: h5wasm.Group = file;
    for (let i = 0; i < 20; i++) {
      group.create_group('group');
      group = group.get('group') as h5wasm.Group;
      group.create_dataset({ name: 'other', data: Float32Array.of(1) });
    }
    group.create_dataset({ name: 'few', data: Float32Array.from(FEW), shape: [3, 2] });
    file.close();
    // Opens each group of a path once for each of them.
    const lookedUp = vi.spyOn(module, 'get_type');
    const described = vi.spyOn(module, 'get_dataset_metadata');
    expect((await elementsOf('deep.h5')).elements).toEqual(FEW);
    expect(lookedUp).not.toHaveBeenCalled();
    // Each dataset, and the rows again when they are read.
    expect(described).toHaveBeenCalledTimes(21 + 1);
    vi.restoreAllMocks();
  });

  it('of records leave nothing of their texts in memory', async () => {
    const { module } = await loadHdf5('');
    const read = async () => (await elementsOf(stored('texts-in-records.h5'))).elements;
    expect(await read()).toEqual([1, 2, 3, 4]);
    const bytes = module.HEAPU8.length;
    // 24 MB of texts
    for (let i = 0; i < 400; i++) await read();
    expect(module.HEAPU8.length).toBe(bytes);
  });

  it('may be next to links that lead nowhere', async () => {
    const file = new h5wasm.File(at('dangling.h5'), 'w');
    file.create_dataset({ name: 'train', data: Float32Array.from(FEW), shape: [3, 2] });
    file.create_soft_link('/none', 'a');
    file.create_soft_link('/none/at/all', 'b');
    file.create_soft_link('/c', 'c');
    file.create_external_link('none.h5', 'train', 'd');
    file.close();
    expect((await elementsOf('dangling.h5')).elements).toEqual(FEW);
  });

  it('may be empty', async () => {
    expect(await elementsOf('many.h5', 'empty')).toEqual({ depth: 4, type: 'float32', elements: [], count: 0 });
  });

  it('may have the other byte order', async () => {
    const file = new h5wasm.File(at('turned.h5'), 'w', { libver: ['earliest', 'v108'] });
    file.create_dataset({ name: 'train', data: Float32Array.from(FEW), shape: [3, 2] });
    file.close();
    const bytes = readFileSync(at('turned.h5'));
    // The message that describes a little-endian float32: class and version, then the byte whose first bit is the byte order.
    const message = Buffer.from([0x11, 0x20, 0x1f, 0x00, 0x04, 0x00, 0x00, 0x00]);
    bytes[bytes.indexOf(message) + 1] = 0x21;
    writeFileSync(at('turned.h5'), bytes);
    const turned = Buffer.from(Float32Array.from((await elementsOf('turned.h5')).elements).buffer).swap32();
    expect([...new Float32Array(turned.buffer, turned.byteOffset, FEW.length)]).toEqual(FEW);
  });
});

describe('errors', () => {
  it.each<[file: string, column: string | undefined, message: string]>([
    ['many.h5', undefined, 'more than one part can be the rows: '],
    ['one.h5', 'test', 'no column matches "test"; there are '],
    ['many.h5', 'types', 'no column matches "types"; there are '],
  ])('of the column: %s, %s', async (file, column, message) => {
    const failure = await readHdf5(at(file), column).catch((error) => error);
    expect(failure).toBeInstanceOf(ArgumentError);
    expect(failure.argument).toBe('column');
    expect(failure.message.slice(0, at(file).length + 2 + message.length)).toBe(`${at(file)}: ${message}`);
  });

  it.each([
    ['line', 'column line holds float32 [2], which cannot be rows'],
    ['deep', 'column deep holds float32 [1, 2, 3], which cannot be rows'],
    ['text', 'column text holds no numbers [1, 2], which cannot be rows'],
  ])('of the dataset %s', async (column, message) => {
    await expect(readHdf5(at('one.h5'), column)).rejects.toThrow(
      saying(new ArgumentError('column', `${at('one.h5')}: ${message}`)),
    );
  });

  it('of files that are not HDF5, truncated or missing', async () => {
    await expect(readHdf5(at('no.h5'), undefined)).rejects.toThrow(
      saying(new FormatError(at('no.h5'), 'whole', 'file signature not found')),
    );
    writeFileSync(at('cut.h5'), readFileSync(at('one.h5')).subarray(0, -100));
    await expect(readHdf5(at('cut.h5'), undefined)).rejects.toThrow(/cut\.h5: truncated file: eof = /);
    await expect(readHdf5(at('missing.h5'), undefined)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of a virtual dataset, whose rows are in other files', async () => {
    await expect(readHdf5(stored('virtual.h5'), undefined)).rejects.toThrow(
      saying(
        new UnsupportedError(`${stored('virtual.h5')}: dataset v is virtual: its rows are in s0gone.h5, s1gone.h5`, {
          advice: 'read those files instead',
        }),
      ),
    );
  });

  it('of a dataset whose numbers are in a file that is not HDF5, and may be too short', async () => {
    copyFileSync(stored('external.h5'), at('external.h5'));
    writeFileSync(at('rawshort.bin'), new Uint8Array(100));
    const before = process.cwd();
    // HDF5 looks for the file in the working directory.
    process.chdir(folder);
    try {
      const message = /: its numbers are in another file, .*rawshort\.bin, which is/;
      await expect(elementsOf('external.h5')).rejects.toThrow(message);
      // The same with very many rows.
      const bytes = readFileSync(stored('external.h5'));
      const rows = Buffer.from(BigUint64Array.of(20n, 6n).buffer);
      for (let found = bytes.indexOf(rows); found >= 0; found = bytes.indexOf(rows, found)) bytes.writeUInt32LE(2e7, found);
      writeFileSync(at('external.h5'), bytes);
      await expect(readHdf5(at('external.h5'), undefined)).rejects.toThrow(message);
    } finally {
      process.chdir(before);
    }
  });

  it('of numbers whose bits mean something else than in usual types', async () => {
    await expect(readHdf5(stored('bfloat16.h5'), undefined)).rejects.toThrow(
      "dataset x may hold numbers that are not IEEE 754's float16, such as bfloat16; write it as float32",
    );
    await expect(readHdf5(stored('int12.h5'), undefined)).rejects.toThrow(
      'dataset x may hold numbers that are of fewer than 16 bits; write it as float32',
    );
  });

  it.each(['bfloat16.h5', 'int12.h5'])('of such numbers, wherever HDF5 divides its reading: %s', (name) => {
    const bytes = readFileSync(stored(name));
    for (let end = 1; end < bytes.length; end++) {
      const types = new NumberTypes();
      types.note(bytes.subarray(0, end), 0);
      types.note(bytes.subarray(end), end);
      expect([...types.oddFloats, ...types.oddIntegers]).toEqual([2]);
    }
  });

  it('of a dataset that was never written', async () => {
    const reason = 'dataset v: a file of 1400 bytes cannot hold 30720000000 bytes; most of them were never written';
    await expect(readHdf5(stored('unwritten.h5'), undefined)).rejects.toThrow(
      saying(new FormatError(stored('unwritten.h5'), 'whole', reason)),
    );
  });

  it('of a damaged dataset, even if another one could be the rows', async () => {
    const file = new h5wasm.File(at('two.h5'), 'w');
    file.create_dataset({ name: 'good', data: Float32Array.from(FEW), shape: [3, 2] });
    file.create_dataset({ name: 'bad', data: Float64Array.from(FEW), shape: [3, 2] });
    file.close();
    await expect(readHdf5(at('two.h5'), undefined)).rejects.toThrow('more than one part can be the rows');
    const bytes = readFileSync(at('two.h5'));
    // The message that describes a float64: class and version, then its properties and size.
    const message = Buffer.from([0x11, 0x20, 0x3f, 0x00, 0x08, 0x00, 0x00, 0x00]);
    bytes[bytes.indexOf(message)] = 0x0f;
    writeFileSync(at('two.h5'), bytes);
    await expect(readHdf5(at('two.h5'), undefined)).rejects.toBeInstanceOf(FormatError);
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
    vi.resetModules();
    vi.doMock('h5wasm/node', () => {
      throw new Error('not there');
    });
    const { readHdf5: readAnew } = await import('../../src/io/formats/hdf5.js');
    await expect(readAnew(at('one.h5'), { column: undefined })).rejects.toThrow(
      'reading HDF5 needs the package h5wasm: npm install h5wasm',
    );
    vi.doUnmock('h5wasm/node');
  });
});
