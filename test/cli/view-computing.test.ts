// What the command computes for pages: the same as the library, only for pages with the secret address, and only while they wait for it.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cosineSimilarity, groups, health, histogram, Matrix, pairs, topK, writeNpy } from 'allpairs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PageCall, Reply } from '../../web/src/compute/calls.js';
import { CHANNELS, decodeScore, shapeOf, TILE, type Tile } from '../../web/src/compute/pyramid.js';
import type { Examination, Histogram } from '../../web/src/compute/session.js';
import type { SimilarPairs } from '../../web/src/compute/similar-pairs.js';
import { decode, encode, messagesIn } from '../../web/src/compute/wire.js';
import { WAIT_MS } from '../limits.js';
import { randomRows } from '../random.js';
import { until } from '../until.js';
import { View } from './view-server.js';

const FLOAT32 = { dtype: 'float32' } as const;
const COUNT = 700;
const x = randomRows(COUNT, 24);

let folder: string;
let file: string;
let matrix: Matrix;
let view: View;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-computing-'));
  file = join(folder, 'x.npy');
  // Two equal rows, and a zero row.
  x.data.copyWithin(24 * 5, 24 * 17, 24 * 18);
  x.data.fill(0, 24 * 30, 24 * 31);
  await writeNpy(file, new Matrix(x.data, x.shape));
  matrix = await cosineSimilarity(x, FLOAT32);
});
afterAll(() => rm(folder, { recursive: true }));

afterEach(() => View.stopAll());

function post(call: Omit<PageCall, 'page'> & { readonly page?: string }, init: RequestInit = {}): Promise<Response> {
  return fetch(`${view.address}compute`, { method: 'POST', body: encode({ page: 'one', ...call }), ...init });
}

/** Sends a request as a page does. */
async function ask(method: string, ...args: readonly unknown[]): Promise<unknown> {
  return askAs('one', method, ...args);
}

async function askAs(page: string, method: string, ...args: readonly unknown[]): Promise<unknown> {
  const answer = await post({ page, method: method as PageCall['method'], args });
  expect(answer.status).toBe(200);
  const callbacks = args.filter((argument) => typeof argument === 'function');
  for await (const message of messagesIn(answer.body as ReadableStream<Uint8Array>)) {
    const reply = decode(message) as Reply;
    if ('error' in reply) throw new Error(reply.error);
    if ('result' in reply) return reply.result;
    callbacks[reply.callback]?.(...reply.args);
  }
  throw new Error('the answer ended early');
}

const ignore = () => {};

describe('the command that computes for a page', () => {
  it('tells the page where to compute, and leaves small inputs to the browser', async () => {
    view = await View.startComputing(file);
    expect((await view.data())?.computing).toBe('compute');
    const usual = await View.start(file);
    expect((await usual.data())?.computing).toBe(null);
    expect((await usual.get('compute', { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('answers as the library does', async () => {
    view = await View.startComputing(file);
    expect(await ask('facts')).toMatchObject({ rows: COUNT, depth: 24 });
    expect(await ask('score', 3, 400)).toBe(matrix.at(3, 400));
    const nearest = await topK(x, { ...FLOAT32, k: 12 });
    for (const row of [0, 5, 17, 30, 699]) {
      const found = (await ask('neighbours', row, 12)) as { indices: Uint32Array; scores: Float32Array };
      expect([...found.indices]).toEqual([...nearest.indices.subarray(row * 12, (row + 1) * 12)]);
      expect([...found.scores]).toEqual([...nearest.scores.subarray(row * 12, (row + 1) * 12)]);
    }
    const counted = (await ask('histogram', ignore)) as Histogram;
    const right = await histogram(x, { ...FLOAT32, bins: 2000 });
    expect(counted).toMatchObject({ sampling: 0, total: right.total, mean: right.mean });
    expect(counted.counts).toEqual(right.counts);
    const held = (await ask('similarPairs', counted, ignore)) as SimilarPairs;
    const found = await pairs(x, { ...FLOAT32, threshold: 0.6 });
    expect([...held.scores].filter((score) => score >= 0.6)).toEqual([...found.scores].sort((a, b) => b - a));
    const joined = (await ask('groupsAt', 0.7, ignore)) as { rows: number[]; representative: number }[];
    const wanted = await groups(x, { ...FLOAT32, threshold: 0.7 });
    expect(joined.map(({ rows }) => [...rows])).toEqual(wanted.groups.map(({ rows }) => [...rows]));
    expect(joined.map(({ representative }) => representative)).toEqual(
      wanted.groups.map(({ representative }) => representative),
    );
    const examined = (await ask('examine', ignore)) as Examination;
    expect(examined.zeroRows).toEqual([30]);
    expect(examined.equalRows).toEqual([{ row: 17, value: 5 }]);
    const { verdict, suggestedThreshold } = await health(x, FLOAT32);
    expect(examined.health).toMatchObject({ verdict, suggestedThreshold });
    expect(await ask('elementsOf', [7])).toEqual([x.data.slice(7 * 24, 8 * 24)]);
  });

  it('draws the matrix in the order of each page, as tiles of its scores', async () => {
    view = await View.startComputing(file);
    const reversed = Uint32Array.from({ length: COUNT }, (_, at) => COUNT - 1 - at);
    const drawn: Tile[] = [];
    await askAs('one', 'drawMatrix', null, (tiles: Tile[]) => drawn.push(...tiles), ignore);
    await askAs('two', 'drawMatrix', reversed, ignore, ignore);
    const { top } = shapeOf(COUNT);
    expect(drawn.filter(({ level }) => level === top)).toHaveLength(1);
    for (const [page, rowAt] of [
      ['one', (at: number) => at],
      ['two', (at: number) => COUNT - 1 - at],
    ] as const) {
      const { cells } = (await askAs(page, 'drawTile', { level: 0, row: 0, col: 2 })) as Tile;
      for (const [r, c] of [
        [0, 0],
        [13, 100],
        [255, 187],
      ] as const) {
        const code = cells[(r * TILE + c) * CHANNELS] as number;
        expect(decodeScore(code)).toBeCloseTo(matrix.at(rowAt(r), rowAt(2 * TILE + c)) as number, 4);
      }
    }
  });

  it('reports progress, up to the whole', async () => {
    view = await View.startComputing(file);
    const fractions: number[] = [];
    await ask('principalPositions', (done: number) => fractions.push(done));
    expect(fractions.length).toBeGreaterThan(0);
    expect(fractions.every((done) => done > 0 && done <= 1)).toBe(true);
  });

  it('refuses what it does not understand, and continues', async () => {
    view = await View.startComputing(file);
    const wrong: readonly (readonly [method: string, ...args: unknown[]])[] = [
      ['constructor'],
      ['take', [], [1, 1], 'throw'],
      ['score', 3],
      ['score', 3, COUNT],
      ['score', -1, 3],
      ['score', 0.5, 3],
      ['neighbours', 3, 1e6],
      ['neighbours', '3', 1],
      ['groupsAt', 2, ignore],
      ['groupsAt', Number.NaN, ignore],
      ['histogram', 5],
      ['drawMatrix', Uint32Array.of(0, 1), ignore, ignore],
      ['drawMatrix', new Uint32Array(COUNT), ignore, ignore],
      ['drawTile', { level: 0, row: 0, col: 3 }],
      ['drawTile', { level: 40, row: 0, col: 0 }],
      ['drawTile', null],
      ['elementsOf', [COUNT]],
      ['similarPairs', { edges: [], atOrAbove: [] }, ignore],
    ];
    for (const [method, ...args] of wrong) {
      const { status } = await post({ method: method as PageCall['method'], args });
      expect([method, args, status]).toEqual([method, args, 400]);
    }
    for (const body of [
      '',
      'nonsense that is no message',
      encode(null),
      encode({ page: 'x'.repeat(1000), method: 'facts', args: [] }),
    ])
      expect((await fetch(`${view.address}compute`, { method: 'POST', body })).status).toBe(400);
    expect(await ask('score', 1, 1)).toBe(1);
  });

  it('refuses requests without the secret, and from other pages', async () => {
    view = await View.startComputing(file);
    const body = encode({ page: 'one', method: 'facts', args: [] });
    const other = view.address.replace(view.token, `${view.token.slice(1)}x`);
    expect((await fetch(`${other}compute`, { method: 'POST', body })).status).toBe(403);
    for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await view.get('compute', { method: 'POST', headers, body: 'x' })).status).toBe(403);
    expect((await view.get('compute')).status).toBe(404);
  });

  it.skipIf(process.platform !== 'linux')(
    'ends the work of a request that is closed',
    async () => {
      const large = join(folder, 'large.npy');
      const rows = randomRows(32_000, 128);
      await writeNpy(large, new Matrix(rows.data, rows.shape));
      view = await View.startComputing(large);
      await ask('facts');
      const before = ticksOf(view.pid);
      await ask('mapNeighbours', ignore);
      const whole = ticksOf(view.pid) - before;
      const start = ticksOf(view.pid);
      const closing = new AbortController();
      const answer = await post({ method: 'mapNeighbours', args: [ignore] }, { signal: closing.signal });
      // The first progress report.
      await answer.body?.getReader().read();
      closing.abort();
      let last = -1;
      await until('the command is idle', async () => {
        const now = ticksOf(view.pid);
        const isIdle = now === last;
        last = now;
        await new Promise((resolve) => setTimeout(resolve, 250));
        return isIdle;
      });
      expect(last - start).toBeLessThan(whole / 2);
    },
    2 * WAIT_MS,
  );
});

/** Returns the time that all threads of a process have computed, in hundredths of a second. */
function ticksOf(pid: number): number {
  const [, fields = ''] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const numbers = fields.split(' ').map(Number);
  return (numbers[11] as number) + (numbers[12] as number);
}
