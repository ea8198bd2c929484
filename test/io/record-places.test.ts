// The records of some rows, copied byte for byte, form a file of those rows, for tables and JSON lines of many kinds.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsAt } from '#src/io/records/input-records.js';
import { openRowsAndPlaces } from '#src/io/rows/open-rows.js';
import { RecordPlaces } from '#src/io/rows/record-places.js';
import { randomSource } from '../random.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-places-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ENDS = ['\n', '\r\n'];
const ROWS = 40;

type Random = () => number;

function one<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

function vectorOf(random: Random): string[] {
  return Array.from({ length: 5 }, () => (random() - 0.5).toFixed(1 + Math.floor(random() * 6)));
}

/** Cells that contain separators, quotes and line ends; comments and blank lines between the records. */
function randomTable(random: Random): string {
  const separator = one(random, [',', ';', '\t']);
  const texts = ['plain', '"quoted"', `"a${separator}b"`, '"say ""yes"""', '"two\nlines"', '"two\r\nlines"', 'ä€', ''];
  const mark = one(random, ['', '\ufeff']);
  const header = ['text', ...Array.from({ length: 5 }, (_, k) => `d${k}`)].join(separator);
  let text = `${mark}${header}${one(random, ENDS)}`;
  for (let row = 0; row < ROWS; row++) {
    const cells = [row === 0 ? 'first' : one(random, texts), ...vectorOf(random)];
    text += cells.join(separator);
    if (row === ROWS - 1 && random() < 0.5) break;
    text += one(random, ENDS);
    if (random() < 0.1) text += one(random, ENDS);
    if (random() < 0.1) text += `# a remark${one(random, ENDS)}`;
  }
  return text;
}

function randomLines(random: Random): string {
  let text = one(random, ['', '\ufeff']);
  for (let row = 0; row < ROWS; row++) {
    const blank = one(random, ['', ' ', '\t']);
    const name = JSON.stringify(one(random, ['plain', 'a\nb', '{"v":[1]}', 'ä€', '\\"']));
    text += `${blank}{"name":${blank}${name},"v":[${vectorOf(random).join(`,${blank}`)}]}${blank}`;
    if (row === ROWS - 1 && random() < 0.5) break;
    text += one(random, ENDS);
    if (random() < 0.1) text += one(random, ENDS);
  }
  return text;
}

async function rowsOf(path: string, places?: RecordPlaces): Promise<number[][]> {
  const file = await openRowsAndPlaces(path, {}, { places });
  try {
    const { data, shape } = await file.toMatrix();
    return Array.from({ length: shape[0] }, (_, row) => Array.from(data.subarray(row * shape[1], (row + 1) * shape[1])));
  } finally {
    await file.close();
  }
}

async function copy(path: string, starts: Float64Array, rows: readonly number[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const records = recordsAt(path, starts).copy(Uint32Array.from(rows), new AbortController().signal);
  for await (const piece of records) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe.each([
  ['tables', '.csv', randomTable],
  ['JSON lines', '.jsonl', randomLines],
] as const)('records of %s', (_, extension, generate) => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))('copies rows unchanged (%i)', async (seed) => {
    const random = randomSource(seed * 7919);
    const content = generate(random);
    const path = join(folder, `${seed}${extension}`);
    await writeFile(path, content);
    const places = new RecordPlaces();
    const all = await rowsOf(path, places);
    expect([all.length, places.starts.length, places.refusal]).toEqual([ROWS, ROWS, undefined]);
    const everyRow = Array.from(all.keys());
    expect((await copy(path, places.starts, everyRow)).toString()).toBe(content);
    // The first rows stay, because they show what kind of table it is.
    const some = everyRow.filter((row) => row < 4 || random() < 0.5);
    const copied = join(folder, `${seed}-some${extension}`);
    await writeFile(copied, await copy(path, places.starts, some));
    expect(await rowsOf(copied)).toEqual(some.map((row) => all[row]));
    const others = everyRow.filter((row) => !some.includes(row));
    const lengths = await Promise.all([[], some, others].map(async (rows) => (await copy(path, places.starts, rows)).length));
    const [beginning, ofSome, ofOthers] = lengths as [number, number, number];
    expect(ofSome + ofOthers - beginning).toBe(Buffer.byteLength(content));
  });
});
