// Tensors written by torch.save: files in the same layout.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '#src/errors.js';
import { bytesInMemory } from '#src/io/bytes/byte-source.js';
import { readNpz } from '#src/io/formats/npz.js';
import { readPytorch } from '#src/io/formats/pytorch.js';
import { bytesOf, zipOf } from '../fuzz/files.js';
import { valuesOf } from '../fuzz/read-rows.js';

const stored = (name: string) => new Uint8Array(readFileSync(new URL(`data/${name}`, import.meta.url)));
const VALUES = Array.from({ length: 12 }, (_, i) => (i - 5) / 4);

describe('tensors of a .pt file', () => {
  it('are read without unpickling, even if only the content shows the format', async () => {
    for (const read of [readPytorch, readNpz]) {
      expect(await valuesOf(read, stored('tensor.pt'))).toEqual({ kind: 'flat', depth: 3, type: 'float32', values: VALUES });
    }
  });

  it('are found in dictionaries, by their path', async () => {
    const file = stored('state.pt');
    expect(await valuesOf(readPytorch, file, 'state.emb.weight')).toMatchObject({ depth: 3, type: 'float16', values: VALUES });
    const ids = [0, 2 ** 30, 2 ** 31, 3 * 2 ** 30];
    expect(await valuesOf(readPytorch, file, 'ids')).toMatchObject({ depth: 1, type: 'float64', values: ids });
    const { origin } = await readPytorch(bytesInMemory(file, 'file'), { column: 'ids' });
    expect(origin?.from).toBe('column ids');
    await expect(valuesOf(readPytorch, file)).rejects.toThrow("choose with column: 'state.emb.weight' or column: 'turned'");
    await expect(valuesOf(readPytorch, file, 'none')).rejects.toThrow(ArgumentError);
    await expect(valuesOf(readPytorch, file, 'state.bias')).rejects.toThrow(/\[3\]/);
  });

  it('may be part of their storage, but must be row-major', async () => {
    expect((await valuesOf(readPytorch, stored('cut-view.pt'))).values).toEqual(VALUES.slice(6));
    await expect(valuesOf(readPytorch, stored('state.pt'), 'turned')).rejects.toThrow('save tensor.contiguous() instead');
  });

  it('are refused with advice in Python if there are none', async () => {
    await expect(valuesOf(readPytorch, stored('model.pt'))).rejects.toThrow(/__main__\.Model.*np\.save\('rows\.npy'/);
    await expect(valuesOf(readPytorch, stored('list.pt'))).rejects.toThrow('torch.stack(list)');
    const old = Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e);
    await expect(valuesOf(readPytorch, old)).rejects.toThrow(
      /not a zip file, which torch\.save writes since PyTorch 1\.6; write/,
    );
  });

  it('are refused if their metadata says that their numbers are negated', async () => {
    const text = (value: string) => [0x8c, value.length, ...Buffer.from(value)];
    const pickle = (metadata: readonly number[]) => [
      ...[0x80, 2, 0x63, ...Buffer.from('torch._utils\n_rebuild_tensor_v2\n'), 0x28],
      ...[
        0x28,
        ...text('storage'),
        0x63,
        ...Buffer.from('torch\nFloatStorage\n'),
        ...text('0'),
        ...text('cpu'),
        0x4b,
        2,
        0x74,
        0x51,
      ],
      ...[0x4b, 0, 0x4b, 1, 0x4b, 2, 0x86, 0x4b, 2, 0x4b, 1, 0x86, 0x89, 0x7d, ...metadata, 0x74, 0x52, 0x2e],
    ];
    const file = (metadata: readonly number[]) =>
      zipOf([
        { name: 'a/data.pkl', packed: Uint8Array.from(pickle(metadata)) },
        { name: 'a/data/0', packed: bytesOf(Float32Array.of(1, 2)) },
      ]);
    expect((await valuesOf(readPytorch, file([]))).values).toEqual([1, 2]);
    expect((await valuesOf(readPytorch, file([0x7d]))).values).toEqual([1, 2]);
    await expect(valuesOf(readPytorch, file([0x7d, ...text('neg'), 0x88, 0x73]))).rejects.toThrow('_rebuild_tensor_v2');
  });

  it('are refused if their pickle stands for far more values than tensors need', async () => {
    const file = (count: number, operations: readonly number[], end: readonly number[] = []) => {
      const repeated = Buffer.alloc(count * operations.length, Uint8Array.from(operations));
      const packed = bytesOf(Uint8Array.of(0x80, 2, 0x5d, 0x28), repeated, Uint8Array.from(end), Uint8Array.of(0x2e));
      return zipOf([{ name: 'a/data.pkl', packed }]);
    };
    // A list of a million numbers is not too much.
    await expect(valuesOf(readPytorch, file(10 ** 6, [0x4e], [0x65]))).rejects.toThrow(
      'expected a tensor that torch.save wrote, got [0] (null)',
    );
    // Dictionaries, lists, marks, kept values, and values taken again.
    for (const operations of [[0x7d], [0x5d], [0x28], [0x4e, 0x94], [0x4e, 0x94, 0x68, 0]]) {
      await expect(valuesOf(readPytorch, file(2 ** 22 / operations.length, operations))).rejects.toThrow(
        'the pickle holds more values than plain tensors need',
      );
    }
  });

  it('are refused or complete, whatever byte is changed', async () => {
    const good = stored('tensor.pt');
    for (let at = 0; at < good.length; at++) {
      for (const value of [0, 0x28, 0xff]) {
        const bytes = good.slice();
        bytes[at] = value;
        const outcome = await valuesOf(readPytorch, bytes).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          expect(outcome instanceof FormatError || outcome instanceof ArgumentError, `${at}: ${outcome.stack}`).toBe(true);
        }
      }
    }
  });
});
