// Records of many MiB in text formats: refused before they exceed a memory limit, and read while signals can end the process.

import { afterEach, describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '../../src/command-wording.js';
import { type AllpairsError, MemoryError, messageIn } from '../../src/errors.js';
import { wrapBlocking } from '../../src/io/blocking.js';
import { bytesInMemory } from '../../src/io/bytes/byte-source.js';
import { readCsv } from '../../src/io/formats/csv.js';
import { readJsonl } from '../../src/io/formats/jsonl.js';
import { readSvmlight } from '../../src/io/formats/svmlight.js';
import type { RowReader, RowStream } from '../../src/io/rows/row-reader.js';

async function countRows(read: RowReader, text: string, memoryBudget?: number): Promise<number> {
  const stream = (await read(bytesInMemory(Buffer.from(text), 'rows'), { memoryBudget })) as RowStream;
  let numbers = 0;
  for await (const block of stream.blocks()) numbers += block.length;
  return numbers / stream.depth;
}

describe('a long record', () => {
  const SMALL = 2 ** 23;
  const numbers = '1.25,'.repeat(500_000);

  it.each<[format: string, read: RowReader, text: string]>([
    ['a cell', readCsv, `id,v\n1,"[${numbers}1]"\n2,"[${numbers}2]"\n`],
    ['a vector as text', readJsonl, `{"v":"[${numbers}1]"}\n{"v":"[${numbers}2]"}\n`],
    ['a vector', readJsonl, `[{"v":[${numbers}1]},{"v":[${numbers}2]}]`],
  ])('is refused with a memory limit that suffices: %s', async (_, read, text) => {
    const error = await countRows(read, text, SMALL).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MemoryError);
    expect(messageIn(error as MemoryError, COMMAND_WORDING)).toMatch(
      /; pass --memory \d+MiB or more, or write shorter records$/,
    );
    expect(await countRows(read, text, (error as MemoryError).bytes)).toBe(2);
    expect(await countRows(read, text)).toBe(2);
  });

  it('of sparse elements is refused', async () => {
    const line = `1 ${Array.from({ length: 500_000 }, (_, i) => `${i + 1}:1`).join(' ')}\n`;
    await expect(countRows(readSvmlight, line, SMALL)).rejects.toThrow(MemoryError);
    await expect(countRows(readSvmlight, `1 1:1\n${line}`, SMALL)).rejects.toThrow('rows: byte 6: line 2 is longer than');
  });

  it('has too many cells, whatever the memory limit', async () => {
    for (const budget of [SMALL, undefined]) {
      const error: AllpairsError = await countRows(readCsv, numbers, budget).then(
        () => expect.fail('accepted'),
        (thrown) => thrown,
      );
      expect(error.message).toBe('rows: byte 0: line 1: more than 66560 cells');
    }
  });
});

describe('work on a long record', () => {
  afterEach(() => wrapBlocking(async (work) => work()));

  const numbers = '1.25,'.repeat(1_000_000);

  it.each<[format: string, read: RowReader, text: string]>([
    ['JSON lines', readJsonl, `{"v":[${numbers}1]}\n`.repeat(3)],
    ['a document', readJsonl, `[${Array(4).fill(`[${numbers}1]`).join()}]`],
    ['a table', readCsv, `id,v\n${`1,"[${numbers}1]"\n`.repeat(3)}`],
  ])('lets signals end the process: %s', async (_, read, text) => {
    let calls = 0;
    wrapBlocking(async (work) => {
      calls += 1;
      return work();
    });
    // Each record is read in such a call, in addition to the sample.
    expect(await countRows(read, text)).toBeLessThan(calls);
  });
});
