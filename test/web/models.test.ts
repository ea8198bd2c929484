// Two models of the same rows on the page: which nearest rows they share, against plain loops over all scores.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cosineSimilarity, Matrix, readNpy, topK, writeNpy } from 'allpairs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { overlapsOf } from '../../web/src/compute/neighbour-overlap.js';
import { missing, skipped } from '../browser/chromium.js';
import { run } from '../cli/command.js';
import { View } from '../cli/view-server.js';
import { violations } from './accessibility.js';
import { drawn } from './readiness.js';
import { usePages } from './use-pages.js';

const SENTENCES = 'examples/data/sentences.npy';
const LABELS = ['--labels', 'examples/data/sentences.tsv'];

/** The rows with the k highest scores, of equals the lower, as a plain sort has them. */
function nearestTo(matrix: Matrix, row: number, k: number): number[] {
  const others = Array.from({ length: matrix.shape[0] }, (_, other) => other).filter((other) => other !== row);
  const score = (other: number) => matrix.at(row, other) as number;
  return others.sort((a, b) => score(b) - score(a) || a - b).slice(0, k);
}

const sharedBetween = (first: readonly number[], second: readonly number[]) =>
  first.filter((row) => second.includes(row)).length;

describe('overlapsOf', () => {
  it('counts the rows that both lists have, for each number of nearest rows', () => {
    const listsOf = (...rows: number[][]) => ({ indices: rows.flat(), shape: [5, 3] as const });
    const first = listsOf([1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2]);
    const second = listsOf([2, 4, 1], [3, 2, 0], [0, 1, 3], [4, 2, 1], [3, 2, 1]);
    expect(overlapsOf(first, second, [1, 2, 3, 10]).map((counts) => [...counts])).toEqual([
      [0, 0, 1, 0, 0],
      [1, 1, 2, 0, 0],
      [2, 3, 3, 2, 2],
      [2, 3, 3, 2, 2],
    ]);
  });
});

describe.skipIf(missing)(`two models in Chromium${skipped}`, () => {
  const pages = usePages('models');
  let second: string;
  let scores: readonly [Matrix, Matrix];
  beforeAll(async () => {
    // The first 96 of 768 numbers of each row.
    const { data, shape } = await readNpy(SENTENCES);
    const [rows, depth] = shape as readonly [number, number];
    const fewer = new Matrix(
      Float32Array.from({ length: rows * 96 }, (_, at) => data[Math.floor(at / 96) * depth + (at % 96)] as number),
      [rows, 96],
    );
    second = join(pages.folder, 'fewer.npy');
    await writeNpy(second, fewer);
    scores = [await cosineSimilarity(await readNpy(SENTENCES)), await cosineSimilarity(fewer)];
  });

  /** How many of the k nearest rows both models share, for each row. */
  async function sharedOfAll(k: number): Promise<number[]> {
    const [first, other] = await Promise.all([topK(await readNpy(SENTENCES), { k }), topK(await readNpy(second), { k })]);
    const listOf = ({ indices }: typeof first, row: number) => [...indices.subarray(row * k, (row + 1) * k)];
    const counts = Array.from({ length: 1500 }, (_, row) => sharedBetween(listOf(first, row), listOf(other, row)));
    for (const row of [0, 700, 1499]) {
      expect(counts[row]).toBe(sharedBetween(nearestTo(scores[0], row, k), nearestTo(scores[1], row, k)));
    }
    return counts;
  }

  async function downloaded(page: Page, format: 'csv' | 'json'): Promise<string> {
    await page.getByLabel('Save every row as').selectOption(format);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    expect(file.suggestedFilename()).toBe(`sentences-agreement.${format}`);
    return readFile(await file.path(), 'utf8');
  }

  /** What the page says about the two models. */
  async function checkPage(page: Page): Promise<void> {
    const counts = await sharedOfAll(10);
    const mean = counts.reduce((sum, count) => sum + count, 0) / 1500;
    await page.getByText(`both models share ${mean.toFixed(2)} of the 10 nearest rows of a row`).waitFor();
    const bars = await page.locator('.distribution tbody tr').evaluateAll((all) => all.map((bar) => bar.textContent));
    expect(bars).toEqual(Array.from({ length: 11 }, (_, n) => `${n}${counts.filter((count) => count === n).length}`));
    const lowest = Math.min(...counts);
    const first = counts.indexOf(lowest);
    const listed = page.locator('.least tbody tr').first();
    expect(await listed.locator('.number').textContent()).toBe(String(first));
    expect(await listed.locator('.reason').textContent()).toBe(`${lowest} of 10`);
    const row = counts.findIndex((count) => count > 2 && count < 8);
    await page.getByRole('combobox', { name: 'Find a row' }).fill(`row ${row}`);
    await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
    const expected = scores.map((matrix) => nearestTo(matrix, row, 10));
    for (const [at, list] of expected.entries()) {
      const table = page.locator('.side-by-side table').nth(at);
      const numbers = () => table.locator('tbody .number').allTextContents();
      await expect.poll(numbers).toEqual(list.map(String));
      const other = expected[1 - at] as readonly number[];
      const marks = list.map((one) => (other.includes(one) ? `✓ ${other.indexOf(one) + 1}` : '–'));
      await expect.poll(() => table.locator('tbody .reason').allTextContents()).toEqual(marks);
      expect(await table.locator('tr.shared').count()).toBe(counts[row]);
    }
    expect(await page.locator('.shared-count').textContent()).toBe(`${counts[row]} of 10 shared`);
  }

  it('shows how many nearest rows they share, and those of one row side by side', async () => {
    const { address } = await View.start(SENTENCES, ...LABELS, '--compare', second);
    const page = await pages.open(address, { state: 'order=given' });
    await page.getByRole('navigation').getByRole('button', { name: 'Models' }).click();
    await checkPage(page);
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Nearest rows', { exact: true }).selectOption('50');
    const counts = await sharedOfAll(50);
    const mean = counts.reduce((sum, count) => sum + count, 0) / 1500;
    await page.getByText(`both models share ${mean.toFixed(2)} of the 50 nearest rows`).waitFor();
    const texts = (await readFile('examples/data/sentences.tsv', 'utf8')).split('\n').map((line) => line.split('\t')[1]);
    const records = counts.map((shared, row) => ({ row, row_label: texts[row + 1], shared, k: 50, overlap: shared / 50 }));
    expect(JSON.parse(await downloaded(page, 'json'))).toEqual(records);
    const [head, ...lines] = (await downloaded(page, 'csv')).trimEnd().split('\n');
    expect(head).toBe('row,row_label,shared,k,overlap');
    expect(lines.filter((line) => /,\d+,50,(0\.\d+|0|1)$/.test(line)).length).toBe(1500);
    await expect.poll(() => page.url()).toContain('view=models');
    await page.locator('summary', { hasText: 'Share' }).click();
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save report' }).click(),
    ]);
    const report = join(pages.folder, 'saved.html');
    await saved.saveAs(report);
    await checkPage(await pages.open(String(pathToFileURL(report)), { state: 'view=models' }));
  });

  it('shows the same where the command computes, and in a report', async () => {
    const { address } = await View.startComputing(SENTENCES, ...LABELS, '--compare', second);
    await checkPage(await pages.open(address, { state: 'order=given&view=models' }));
    const report = join(pages.folder, 'report.html');
    const { code, stderr } = await run(['view', SENTENCES, ...LABELS, '--compare', second, '--export', report]);
    expect([code, stderr]).toEqual([0, `wrote ${report}\n`]);
    await checkPage(await pages.open(String(pathToFileURL(report)), { state: 'order=given&view=models' }));
  });

  it('marks rows that are all zeros in a model', async () => {
    const [first, other] = [join(pages.folder, 'first.npy'), join(pages.folder, 'other.npy')];
    const rowsOf = (zeros: readonly number[]) =>
      new Matrix(
        Float32Array.from({ length: 60 }, (_, at) => (zeros.includes(Math.floor(at / 3)) ? 0 : Math.cos(at * at))),
        [20, 3],
      );
    await writeNpy(first, rowsOf([4, 9]));
    await writeNpy(other, rowsOf([9, 12]));
    const { address } = await View.start(first, '--compare', other);
    const page = await pages.open(address, { state: 'order=given&view=models&row=9' });
    const marks = () =>
      page.locator('.least tbody tr').evaluateAll((all) =>
        all.flatMap((row) => {
          const [button, mark] = [row.querySelector('button'), row.querySelector('.zero-row')];
          return mark ? [`${button?.textContent}: ${mark.textContent}`] : [];
        }),
      );
    await expect
      .poll(async () => (await marks()).sort())
      .toEqual([
        'row 12: all zeros in other.npy',
        'row 4: all zeros in first.npy',
        'row 9: all zeros in first.npy and other.npy',
      ]);
    await page.locator('.shared-count .zero-row', { hasText: 'all zeros in first.npy and other.npy' }).waitFor();
  });

  it('has no place for models where there is one', async () => {
    const { address } = await View.start(SENTENCES);
    const page = await pages.open(address, { state: 'order=given&view=models' });
    await drawn(page);
    expect(await page.getByRole('navigation').getByRole('button', { name: 'Models' }).count()).toBe(0);
  });
});
