// Errors: their fields, and their messages as worded for the API and for the command line.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '#src/command-wording.js';
import { messageIn } from '#src/errors.js';
import {
  AllpairsError,
  ArgumentError,
  cosineSimilarity,
  cosineSimilaritySync,
  DeviceError,
  FormatError,
  MemoryError,
  openRows,
  pairs,
  plan,
  ThreadError,
  topK,
  UnsupportedError,
} from '#src/index.js';
import { mention, say } from '#src/message.js';

async function errorOf(call: () => unknown): Promise<AllpairsError> {
  const error = await (async () => call())().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AllpairsError);
  return error as AllpairsError;
}

async function both(call: () => unknown): Promise<[api: string, command: string]> {
  const error = await errorOf(call);
  return [error.message, messageIn(error, COMMAND_WORDING)];
}

/** The fields that an error has, without its message. */
const fieldsOf = (error: Error) => Object.fromEntries(Object.entries(error).filter(([name]) => name !== 'name'));

const table = async <T>(text: string, use: (path: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-errors-'));
  try {
    const path = join(folder, 'table.csv');
    await writeFile(path, text);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
};

describe('an error of each class', () => {
  it.each<[error: AllpairsError, name: string, message: string, fields: Record<string, unknown>]>([
    [
      new ArgumentError('k', say`${mention.argument('k')} is odd`, { expected: 'an even number', received: '3' }),
      'ArgumentError',
      '`k` is odd',
      { code: 'ERR_ALLPAIRS_ARGUMENT', argument: 'k', expected: 'an even number', received: '3' },
    ],
    [
      new UnsupportedError('reading HDF5 needs the package h5wasm:', { advice: 'npm install h5wasm' }),
      'UnsupportedError',
      'reading HDF5 needs the package h5wasm: npm install h5wasm',
      { code: 'ERR_ALLPAIRS_UNSUPPORTED', advice: 'npm install h5wasm' },
    ],
    [
      new MemoryError(100, 'this needs 100 bytes.', { advice: say`A smaller ${mention.option('k')} needs less.` }),
      'MemoryError',
      'this needs 100 bytes. A smaller k needs less.',
      { code: 'ERR_ALLPAIRS_MEMORY', bytes: 100, advice: 'A smaller k needs less.' },
    ],
    [
      new FormatError('a.npy', 8, 'the header is damaged', { advice: 'write the file again' }),
      'FormatError',
      'a.npy: byte 8: the header is damaged; write the file again',
      { code: 'ERR_ALLPAIRS_FORMAT', file: 'a.npy', offset: 8, advice: 'write the file again' },
    ],
    [new FormatError('a.npy', 'whole', 'it is empty'), 'FormatError', 'a.npy: it is empty', { file: 'a.npy', offset: 0 }],
    [new DeviceError('the GPU was lost'), 'DeviceError', 'the GPU was lost', { code: 'ERR_ALLPAIRS_DEVICE' }],
    [new ThreadError('a thread ended'), 'ThreadError', 'a thread ended', { code: 'ERR_ALLPAIRS_THREAD' }],
  ])('has only the applicable fields: %s', (error, name, message, fields) => {
    expect(error).toMatchObject({ name, message });
    expect(fieldsOf(error)).toEqual({ code: error.code, ...fields });
  });

  it('keeps its cause, without a field of its own for it', () => {
    const cause = new Error('out of memory');
    const error = new MemoryError(8, 'could not allocate 8 bytes', { cause });
    expect(error.cause).toBe(cause);
    expect(fieldsOf(error)).toEqual({ code: 'ERR_ALLPAIRS_MEMORY', bytes: 8 });
    expect('cause' in new MemoryError(8, 'could not allocate 8 bytes')).toBe(false);
  });

  it('can be posted to another thread', () => {
    const error = new ArgumentError('k', say`${mention.argument('k')} is odd`);
    expect(structuredClone(error).message).toBe('`k` is odd');
    expect(structuredClone({ ...error })).toEqual({ ...error });
  });
});

describe('an error of a call', () => {
  it.each<[what: string, call: () => unknown, fields: Partial<AllpairsError>]>([
    [
      'an option of the wrong kind',
      () => cosineSimilarity([[1, 2]], { threads: 0 }),
      { argument: 'threads', expected: 'a positive integer', received: '0' },
    ],
    [
      'an unknown option',
      () => cosineSimilarity([[1, 2]], { thread: 1 } as never),
      { argument: 'thread', advice: "did you mean 'threads'?" },
    ],
    [
      'rows that are not finite',
      () => cosineSimilarity([[1, Number.NaN]]),
      {
        argument: 'x',
        expected: 'finite numbers',
        received: 'NaN in row 0, column 1',
        advice: "nonFinite: 'zero' treats such rows as zero vectors",
      },
    ],
    [
      'rows of another length',
      () => cosineSimilarity([[1, 2]], [[1]]),
      { argument: 'y', expected: 'rows of length 2 (as `x` has)', received: 'rows of length 1' },
    ],
    [
      'no rows',
      () => cosineSimilarity('rows.npy' as never),
      {
        argument: 'x',
        expected: 'rows',
        received: '"rows.npy"',
        advice: 'to read rows from a file, pass await openRows("rows.npy")',
      },
    ],
    [
      'too little memory',
      () => topK([[1], [2]], { k: 1, memoryBudget: 1 }),
      { advice: 'Try a smaller k, or compare a part of the rows with all of them at a time.' },
    ],
    [
      'a file with two columns of vectors',
      () => table('id,a,b\n1,"[1, 2]","[3, 4]"\n2,"[5, 6]","[7, 8]"\n', openRows),
      { argument: 'column', advice: "choose with column: 'a' or column: 'b'" },
    ],
    [
      'a null row in a file',
      () => table('id,a\n1,"[1, 2]"\n2,\n3,"[5, 6]"\n', openRows),
      { advice: "leave such rows out with nulls: 'skip', or take them as zero vectors with nulls: 'zero'" },
    ],
    [
      'an option of openRows that it does not know',
      () => openRows('rows.csv', { nulls: 'none' as never }),
      { argument: 'nulls', expected: 'throw, skip, zero', received: '"none"' },
    ],
    [
      'a record of another length in a file',
      () => table(`${'1.5,2.5\n'.repeat(3000)}3,4,5\n`, openRows),
      { expected: '2 cells', received: '3' },
    ],
    [
      'a cell that is no number in a file',
      () => table(`${'1.5,2.5\n'.repeat(3000)}3,"x; y, got z"\n`, openRows),
      { expected: 'a number', received: '"x; y, got z"' },
    ],
    [
      'bytes of another file',
      () => openRows({} as never),
      {
        expected: 'a path, a file: URL, a Blob, an ArrayBuffer, a Uint8Array or a ByteSource',
        received: 'Object',
      },
    ],
    [
      'JSON that is no rows',
      () => openRows(new Blob(['7']), { format: 'jsonl' }),
      { expected: 'an array or an object', received: '7' },
    ],
  ])('has fields for %s', async (_, call, fields) => {
    const error = await errorOf(call);
    expect(error).toMatchObject(fields);
    // Every field is plain text that the message also contains.
    for (const text of Object.values(fields)) expect(error.message).toContain(text);
  });
});

describe('a message', () => {
  it.each<[call: () => unknown, api: string, command: string]>([
    [
      () => cosineSimilaritySync([[1, Number.NaN]]),
      "expected finite numbers in `x`, got NaN in row 0, column 1; nonFinite: 'zero' treats such rows as zero vectors",
      'expected finite numbers in the input, got NaN in row 0, column 1; --non-finite zero treats such rows as zero vectors',
    ],
    [
      () => topK([[1, 2]], [[Number.NaN, 1]], { k: 1 }),
      "expected finite numbers in `y`, got NaN in row 0, column 0; nonFinite: 'zero' treats such rows as zero vectors",
      'expected finite numbers in --against, got NaN in row 0, column 0; --non-finite zero treats such rows as zero vectors',
    ],
    [
      () => topK([[1, 2]], [[1]], { k: 1 }),
      'expected rows of length 2 (as `x` has) for `y`, got rows of length 1',
      'expected rows of length 2 (as the input has) for --against, got rows of length 1',
    ],
    [() => topK([[1, 2]], { k: 0 }), 'expected a positive integer for `k`, got 0', 'expected a positive integer for -k, got 0'],
    [
      () => pairs([[1, 2]], { threshold: 2 }),
      'expected a number from -1 to 1 for `threshold`, got 2',
      'expected a number from -1 to 1 for --threshold, got 2',
    ],
    [
      () => pairs([[1, 2]], { threshold: 1, memoryBudget: -1 }),
      'expected a positive number of bytes for `memoryBudget`, got -1',
      'expected a positive number of bytes for --memory, got -1',
    ],
    [
      () => table('id,a,b\n1,"[1, 2]","[3, 4]"\n', (path) => openRows(path, { column: 'c' })),
      'no column matches "c"; there are id (integer), a (text, 2 numbers), b (text, 2 numbers)',
      'no column matches "c"; there are id (integer), a (text, 2 numbers), b (text, 2 numbers)',
    ],
  ])('uses the terms of its reader: %s', async (call, api, command) => {
    const [said, saidByCommand] = await both(call);
    expect(said.endsWith(api), said).toBe(true);
    expect(saidByCommand.endsWith(command), saidByCommand).toBe(true);
  });

  it('about memory suggests calls, or commands', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [i, 1]);
    const [api, command] = await both(() => cosineSimilaritySync(rows, { memoryBudget: 100 }));
    expect(api).toMatch(/, and memoryBudget allows 100 bytes for it\. topK, pairs and histogram need no matrix; or /);
    expect(command).toMatch(/, and --memory allows 100 bytes for it\. topk, pairs and histogram need no matrix; or /);
    const [best, bestByCommand] = await both(() => plan.topK(rows, { k: 500, memoryBudget: 100 }));
    expect(best).toContain('for it. Try a smaller k, or');
    expect(bestByCommand).toContain('for it. Try a smaller -k, or');
  });

  it('without references is the same for all readers', async () => {
    const [api, command] = await both(() => cosineSimilarity([[1]], { sort: true } as never));
    expect(api).toMatch(/^Unknown option 'sort'/);
    expect(command).toBe(api);
  });
});
