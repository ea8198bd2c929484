// While a file is decoded, the event loop continues to turn, even if the whole file is in memory, and a signal ends decoding between two
// turns.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { wrapBlocking } from '#src/io/blocking.js';
import { openColumn, openLines } from '#src/io/records/open-texts.js';
import { openRows } from '#src/io/rows/open-rows.js';
import { run } from '../cli/command.js';

const DEPTH = 256;
const rowsOf = (megabytes: number) => (megabytes * 2 ** 20) / (4 * DEPTH);

/** One page with vectors as bytes. */
function parquet(megabytes: number): Uint8Array {
  const data = Array<Uint8Array>(rowsOf(megabytes)).fill(new Uint8Array(4 * DEPTH));
  const columnData = [{ name: 'v', data, type: 'BYTE_ARRAY' as const, encoding: 'PLAIN' as const }];
  return new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED', pageSize: 2 ** 30, statistics: false }));
}

function arrowStream(megabytes: number): Uint8Array {
  const length = rowsOf(megabytes);
  const data = new Float32Array(length * DEPTH);
  const child = arrow.makeData({ type: new arrow.Float32(), length: data.length, nullCount: 0, data });
  const type = new arrow.FixedSizeList(DEPTH, new arrow.Field('item', new arrow.Float32()));
  const lists = arrow.makeData({ type, length, nullCount: 0, child });
  return arrow.tableToIPC(new arrow.Table({ v: arrow.makeVector(lists) }), 'stream');
}

const numbers = Array(8).fill('0.5').join(',');
const csv = (megabytes: number) => Buffer.from(`${numbers}\n`.repeat(megabytes * 2 ** 15));
const jsonl = (megabytes: number) => Buffer.from(`[${numbers}]\n`.repeat(megabytes * 2 ** 15));

describe.each<[format: string, make: (megabytes: number) => Uint8Array]>([
  ['parquet', parquet],
  ['arrow', arrowStream],
  ['csv', csv],
  ['jsonl', jsonl],
])('%s', (format, make) => {
  const open = (bytes: Uint8Array, signal?: AbortSignal) =>
    openRows(bytes, { format, memoryBudget: 2 ** 30, element: 'float32', signal });

  /** Turns of the event loop while the file is opened. */
  async function countTurns(bytes: Uint8Array): Promise<number> {
    let turns = 0;
    let done = false;
    const count = () => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const rows = await open(bytes);
    done = true;
    await rows.close();
    return turns;
  }

  test('give the event loop turns while they are decoded', async () => {
    const [small, large] = [make(1), make(16)];
    // The first call loads modules, which also takes turns.
    await open(small);
    const few = await countTurns(small);
    expect(await countTurns(large)).toBeGreaterThan(few + 1);
  });

  test('ends with the reason if its signal is aborted meanwhile', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const opening = open(make(8), controller.signal);
    setImmediate(() => controller.abort(reason));
    await expect(opening).rejects.toBe(reason);
  });
});

describe('names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-turns-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const texts = Array.from({ length: 300_000 }, (_, i) => `a name that is text ${i}`);

  test.each<[file: string, make: () => Uint8Array | string]>([
    ['names.parquet', () => new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'id', data: texts }], codec: 'SNAPPY' }))],
    ['names.arrow', () => arrow.tableToIPC(new arrow.Table({ id: arrow.vectorFromArray(texts, new arrow.Utf8()) }), 'file')],
    ['names.csv', () => `id,x\n${texts.map((text) => `${text},1\n`).join('')}`],
    ['names.tsv', () => `id\tx\n${texts.map((text) => `${text}\t1\n`).join('')}`],
    ['names.jsonl', () => texts.map((id) => `${JSON.stringify({ id })}\n`).join('')],
    ['lines.txt', () => texts.join('\n')],
    ['names.csv.gz', () => gzipSync(`id,x\n${texts.map((text) => `${text},1\n`).join('')}`)],
  ])('of %s end with the reason of a signal that is aborted while they are read', async (name, make) => {
    const path = join(folder, name);
    writeFileSync(path, make());
    const controller = new AbortController();
    const reason = new Error('enough');
    const { signal } = controller;
    const read = async () => {
      const pieces = name === 'lines.txt' ? openLines(path, signal) : openColumn(path, 'id', { signal });
      let count = 0;
      for await (const some of pieces) {
        count += some.length;
        controller.abort(reason);
      }
      return count;
    };
    await expect(read()).rejects.toBe(reason);
  });
});

test('SIGTERM ends the command during a query that never ends, which blocks the thread', async () => {
  // A separate thread sends the signal when the main thread has been blocked for this long.
  const preload = `
    import { Worker } from 'node:worker_threads';
    const beats = new Int32Array(new SharedArrayBuffer(4));
    setInterval(() => Atomics.add(beats, 0, 1) + Atomics.notify(beats, 0), 10).unref();
    const code = \`
      const { workerData: beats } = require('node:worker_threads');
      for (let seen = 0; ; seen = Atomics.load(beats, 0)) {
        if (seen > 0 && Atomics.wait(beats, 0, seen, 1500) === 'timed-out') process.kill(process.pid, 'SIGTERM');
      }\`;
    new Worker(code, { eval: true, workerData: beats }).unref();`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
  const path = fileURLToPath(new URL('data/blobs.sqlite', import.meta.url));
  const query = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT sum(x) AS d0, 1.5 AS d1 FROM c';
  const { code, stdout } = await run(['histogram', path, '--query', query], { env });
  // No handler could be called, so the signal itself ended the process.
  expect([code, stdout.length]).toEqual([null, 0]);
});

describe('the first record of a text, if it is long', () => {
  afterEach(() => wrapBlocking(async (work) => work()));

  const blocked = async (text: string, format: 'csv' | 'jsonl') => {
    let calls = 0;
    wrapBlocking(async (work) => {
      calls += 1;
      return work();
    });
    const rows = await openRows(Buffer.from(text), { format });
    await rows.close();
    return calls;
  };

  test('is examined so that signals can end the process meanwhile', async () => {
    const numbers = Array(2 ** 20)
      .fill('1.25')
      .join();
    expect(await blocked(`id,v\n1,"[${numbers}]"\n2,"[${numbers}]"\n`, 'csv')).toBeGreaterThan(0);
    expect(await blocked(`{"v":[${numbers}]}\n{"v":[${numbers}]}\n`, 'jsonl')).toBeGreaterThan(0);
    expect(await blocked('id,v\n1,"[0.5,1]"\n2,"[0.5,2]"\n', 'csv')).toBe(0);
    expect(await blocked('{"v":[0.5,1]}\n{"v":[0.5,2]}\n', 'jsonl')).toBe(0);
  });
});
