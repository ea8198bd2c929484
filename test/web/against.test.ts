// The rows of one file against those of another on the page, compared with the library's own calls.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cosineSimilarity, Matrix, pairs, readNpy, topK, writeNpy } from 'allpairs';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeScore, PyramidBuilder, reduceScores, shapeOf, TILE } from '../../web/src/compute/pyramid.js';
import { colourScale, FULL_RANGE, placeOf, STEPS } from '../../web/src/heatmap/colours.js';
import { levelFor, placeAt, seenRange, wholeMatrix, zoomAt } from '../../web/src/heatmap/viewport.js';
import { missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { violations } from './accessibility.js';
import { pressOften } from './keys.js';
import { drawn } from './readiness.js';
import { usePages } from './use-pages.js';

const SENTENCES = 'examples/data/sentences.npy';
/** Rows of the first file, of which each is a row of the second, slightly changed. */
const QUERIES = 150;

/** The mean of the scores in a cell of `side` x `side`. */
function meanOf(matrix: Matrix, row: number, col: number, side: number): number {
  const [rows, cols] = matrix.shape;
  const [top, left] = [row - (row % side), col - (col % side)];
  let [sum, count] = [0, 0];
  for (let i = top; i < Math.min(rows, top + side); i++) {
    for (let j = left; j < Math.min(cols, left + side); j++, count++) sum += matrix.at(i, j) as number;
  }
  return sum / count;
}

describe('a matrix that is not square', () => {
  it('has tiles for all its cells, without a diagonal', () => {
    const [rows, cols] = [300, 700];
    const shape = shapeOf(rows, cols);
    expect(shape).toEqual({ rows, cols, symmetric: false, base: 0, top: 2, sampling: 0 });
    expect(shapeOf(100, 5121)).toMatchObject({ base: 1, sampling: 0 });
    const scores = new Matrix(
      Float32Array.from({ length: rows * cols }, (_, at) => Math.sin(at)),
      [rows, cols],
    );
    const builder = new PyramidBuilder(shape);
    const made = [0, 1].flatMap((row) =>
      [0, 1, 2].flatMap((col) => {
        const [height, width] = [Math.min(TILE, rows - row * TILE), Math.min(TILE, cols - col * TILE)];
        const window = { data: scores.data, offset: row * TILE * cols + col * TILE, stride: cols, rows: height, cols: width };
        return builder.add({ level: 0, row, col, cells: reduceScores(window as never, 0) });
      }),
    );
    expect(made.filter(({ level }) => level === 1).map(({ row, col }) => [row, col])).toEqual([
      [0, 0],
      [0, 1],
    ]);
    const top = made.find(({ level }) => level === 2);
    for (const [row, col] of [
      [0, 0],
      [74, 174],
      [70, 3],
    ] as const) {
      const code = top?.cells[(row * TILE + col) * 2] as number;
      expect(decodeScore(code)).toBeCloseTo(meanOf(scores, 4 * row, 4 * col, 4), 3);
    }
  });

  it('fits into the view by its longer side', () => {
    const whole = wholeMatrix(150, 400, 300, 1500);
    expect(whole).toMatchObject({ x: 750, y: 75, scale: 400 / 1500 });
    expect(seenRange(whole)).toEqual({ rowStart: 0, rowEnd: 150, colStart: 0, colEnd: 1500 });
    const near = zoomAt({ ...whole, x: 1400, y: 100 }, 30);
    expect(seenRange(near)).toEqual({ rowStart: 81, rowEnd: 119, colStart: 1375, colEnd: 1425 });
    expect(zoomAt(near, 0.001)).toEqual(whole);
  });
});

describe.skipIf(missing)(`two files in Chromium${skipped}`, () => {
  const pages = usePages('against');
  let args: string[];
  let x: Matrix;
  let y: Matrix;
  let scores: Matrix;
  let texts: string[];
  beforeAll(async () => {
    const read = await readNpy(SENTENCES);
    y = new Matrix(read.data as Float32Array, read.shape as [number, number]);
    const depth = y.shape[1];
    const change = (at: number) => 1 + 0.3 * Math.sin(at);
    x = new Matrix(
      Float32Array.from(
        { length: QUERIES * depth },
        (_, at) => (y.data[Math.floor(at / depth) * 10 * depth + (at % depth)] as number) * change(at),
      ),
      [QUERIES, depth],
    );
    scores = await cosineSimilarity(x, y);
    const file = join(pages.folder, 'queries.npy');
    await writeNpy(file, x);
    const lines = (await readFile('examples/data/sentences.tsv', 'utf8')).trimEnd().split('\n').slice(1);
    texts = lines.map((line) => line.split('\t')[1] as string);
    const names = join(pages.folder, 'queries.txt');
    await writeFile(names, Array.from({ length: QUERIES }, (_, query) => `query ${query}\n`).join(''));
    args = [file, '--labels', names, '--against', SENTENCES, '--against-labels', 'examples/data/sentences.tsv'];
  });

  async function saved(page: Page, what: string): Promise<string[]> {
    await page.getByLabel('Save', { exact: true }).selectOption(what);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    expect(file.suggestedFilename()).toMatch(new RegExp(`-${what}\\.csv$`));
    return (await readFile(await file.path(), 'utf8')).trimEnd().split('\n');
  }

  /** Compares the colours of the picture with the scores. */
  async function checkColours(page: Page, part: readonly [x: number, y: number, zoom: number] | null): Promise<void> {
    await drawn(page);
    const { width, height, colours } = await page.locator('.heatmap-keys canvas').evaluate((picture) => {
      const { width, height } = picture as HTMLCanvasElement;
      const copy = Object.assign(document.createElement('canvas'), { width, height });
      const context = copy.getContext('2d') as CanvasRenderingContext2D;
      context.drawImage(picture as HTMLCanvasElement, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const colours: { px: number; py: number; colour: number[] }[] = [];
      for (let py = 1; py < height; py += 5) {
        for (let px = 1; px < width; px += 11) {
          const at = 4 * (py * width + px);
          colours.push({ px, py, colour: [...data.subarray(at, at + 3)] });
        }
      }
      return { width, height, colours };
    });
    const whole = wholeMatrix(QUERIES, width, height, 1500);
    const view = part ? { ...whole, x: part[0], y: part[1], scale: whole.scale * part[2] } : whole;
    const level = levelFor(view.scale, 1, 3);
    expect(level).toBe(part ? 0 : 2);
    const scale = colourScale('light');
    let compared = 0;
    for (const { px, py, colour } of colours) {
      const { row, col } = placeAt(view, px + 0.5, py + 0.5);
      const isInside = row >= 0 && row < QUERIES && col >= 0 && col < 1500;
      // Where two cells meet it may be either.
      if ([row, col].some((place) => Math.abs(place / 2 ** level - Math.round(place / 2 ** level)) < 0.03)) continue;
      const score = isInside ? meanOf(scores, Math.floor(row), Math.floor(col), 2 ** level) : 0;
      const step = Math.round(placeOf(score, FULL_RANGE) * (STEPS - 1));
      const right = isInside ? [...scale.subarray(4 * step, 4 * step + 3)] : [0xf6, 0xf7, 0xf8];
      const isRight = right.every((part, at) => Math.abs((colour[at] as number) - part) <= 5);
      if (!isRight) expect(colour, `at ${px}, ${py}`).toEqual(right);
      compared += Number(isInside);
    }
    expect(compared).toBeGreaterThan(200);
  }

  /** What the page says of the two files. */
  async function checkAnswers(page: Page): Promise<void> {
    await drawn(page);
    const numbers = () => page.locator('.neighbours tbody .number').allTextContents();
    const forward = await topK(x, y, { k: 10 });
    await expect.poll(numbers).toEqual([...forward.indices.subarray(30, 40)].map(String));
    const search = page.getByRole('combobox', { name: 'Find a row' });
    await search.fill(texts[77] as string);
    await search.press('Enter');
    const backward = await topK(y, x, { k: 10 });
    await expect.poll(numbers).toEqual([...backward.indices.subarray(770, 780)].map(String));
    await page.locator('.summary:not(.quiet)').waitFor();
    const found = await pairs(x, y, { threshold: 0.9 });
    expect(await page.locator('.summary').textContent()).toContain(`${found.length} pairs at or above 0.900.`);
    const [head, ...lines] = await saved(page, 'pairs');
    expect(head).toBe('row,row_label,col,col_label,score');
    const pairOf = (line: string) => /^(\d+),query \1,(\d+),/.exec(line)?.slice(1).join(' ');
    const right = Array.from(found.rows, (row, at) => `${row} ${found.cols[at]}`);
    expect(lines.map(pairOf).sort()).toEqual(right.sort());
    const [, ...matches] = await saved(page, 'matches');
    const best = await topK(x, y, { k: 1 });
    expect(matches.map(pairOf)).toEqual(Array.from(best.indices, (col, row) => `${row} ${col}`));
  }

  it('shows all scores across, the neighbours of either file, the pairs and the best matches', async () => {
    const { address } = await View.start(...args);
    const page = await pages.open(address, { state: 'row=3&threshold=0.9&colours=full&view=health' });
    await checkColours(page, null);
    await checkAnswers(page);
    expect(await page.locator('.facts').textContent()).toContain('150 rows against 1,500 of 768 numbers, 225,000 pairs');
    expect(await page.getByRole('navigation').getByRole('button').allTextContents()).toEqual(['Overview']);
    expect(await page.getByLabel('Order').locator('option').allTextContents()).toEqual(['as given', 'by first component']);
    expect(await violations(page)).toEqual([]);
    // The last cell, by the keyboard.
    const heatmap = page.getByRole('application', { name: 'Heatmap of 150 by 1,500 scores' });
    for (let turn = 0; turn < 12; turn++) await heatmap.press('+');
    for (const key of ['ArrowDown', 'ArrowRight']) await pressOften(heatmap, key, 160);
    const score = (scores.at(149, 1499) as number).toFixed(4).replace('-', '−');
    await expect.poll(() => page.locator('#heatmap-cell .name').allTextContents()).toEqual(['query 149', texts[1499]]);
    await expect.poll(() => page.locator('#heatmap-cell output').textContent()).toBe(score);
    await heatmap.press('Enter');
    await expect.poll(() => page.locator('.selected-row strong').textContent()).toBe('query 149');
  });

  it('name a file without labels once above its rows', async () => {
    const { address } = await View.start(args[0] as string, '--against', SENTENCES);
    const page = await pages.open(address, { state: 'row=3' });
    const nearest = page.locator('.neighbours .rows');
    await nearest.locator('tbody .name').first().waitFor();
    expect(await nearest.locator('th').allTextContents()).toEqual(['Rank', 'Row of sentences.npy', 'Score']);
    const { indices } = await topK(x, y, { k: 10 });
    const expected = Array.from(indices.subarray(30, 40), (row) => `row ${row}`);
    expect(await nearest.locator('tbody .name').allTextContents()).toEqual(expected);
    expect(await page.locator('.selected-row strong').textContent()).toBe('row 3 of queries.npy');
    await expect.poll(() => page.locator('.rows.pairs tbody .name').first().textContent()).toMatch(/^row \d+$/);
  });

  it('names files with long names beside the buttons while it reads them', async () => {
    const file = join(pages.folder, `queries-${'of-a-long-name-'.repeat(4)}.npy`);
    await writeNpy(file, x);
    const { address } = await View.start(file, '--against', SENTENCES);
    const page = await pages.open(address, { scripts: [() => Object.assign(window, { fetch: () => new Promise(() => {}) })] });
    const status = page.getByRole('status').filter({ hasText: 'Reading queries-of-a-long-name-' });
    const box = async (which: Locator) => (await which.boundingBox()) as { x: number; width: number };
    const [words, buttons] = [await box(status), await box(page.getByRole('navigation'))];
    expect(words.x).toBeGreaterThanOrEqual(buttons.x + buttons.width);
  });

  it('shows single scores where it is zoomed in', async () => {
    const { address } = await View.start(...args);
    await checkColours(await pages.open(address, { state: 'colours=full&seen=1200.25,100.25,16' }), [1200.25, 100.25, 16]);
  });

  it('shows the same where the command computes', async () => {
    const { address } = await View.startComputing(...args);
    const computed = await pages.open(address, { state: 'row=3&threshold=0.9&colours=full' });
    await checkColours(computed, null);
    await checkAnswers(computed);
  });
});
