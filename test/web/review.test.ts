// The review of near-duplicates: its rules compared with `dedupe`, its file, and a complete review in Chromium.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dedupe, groups, readNpy } from 'allpairs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { SavedDecisions } from '#src/cli/view/page-data.js';
import { partsOf } from '../../web/src/panels/review/text-parts.js';
import {
  canUndo,
  type Decision,
  decide,
  decisions,
  dropped,
  keptRows,
  startWith,
  undo,
} from '../../web/src/state/decisions.js';
import { fromFile, toFile } from '../../web/src/state/decisions-file.js';
import { keeperOf, type ReviewGroup, suggestionsFor } from '../../web/src/state/suggestion.js';
import { missing, skipped } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { violations } from './accessibility.js';
import { usePages } from './use-pages.js';

const TYPICAL = { column: null, highest: true };

describe('the suggestion of the review', () => {
  it.each([
    ['the representative', undefined],
    ['the highest value of a column', 1],
    ['the lowest value of a column', -1],
  ] as const)('keeps %s, as dedupe does with components', async (_, sign) => {
    const x = await readNpy('examples/data/sentences.npy');
    const values = Array.from({ length: 1500 }, (_, row) => (row * 7919) % 13);
    const priority = sign && values.map((value) => sign * value);
    const right = await dedupe(x, { threshold: 0.8, method: 'components', priority });
    const column = { name: 'date', values: values.map(String), order: values };
    const rule = sign ? { column, highest: sign > 0 } : TYPICAL;
    const found = await groups(x, { threshold: 0.8 });
    const changes = found.groups.flatMap((group) => suggestionsFor(group, rule, new Map()));
    expect(found.groups.length).toBeGreaterThan(50);
    const out = new Set(changes.filter(([, decision]) => decision === 'drop').map(([row]) => row));
    expect(Array.from(right.kept)).toEqual(Array.from({ length: 1500 }, (_, row) => row).filter((row) => !out.has(row)));
  });

  it('leaves decisions unchanged, and keeps no second row', () => {
    const group: ReviewGroup = { rows: [2, 5, 9, 11], representative: 5 };
    expect(suggestionsFor(group, TYPICAL, new Map([[9, 'keep']]))).toEqual([
      [2, 'drop'],
      [5, 'drop'],
      [11, 'drop'],
    ]);
    expect(suggestionsFor(group, TYPICAL, new Map([[5, 'drop']]))).toEqual([
      [2, 'keep'],
      [9, 'drop'],
      [11, 'drop'],
    ]);
    expect(suggestionsFor(group, TYPICAL, new Map(group.rows.map((row) => [row, 'drop'])))).toEqual([]);
  });

  it('keeps a row without a value last, and the lower row of equal ones', () => {
    const group: ReviewGroup = { rows: [0, 1, 2, 3], representative: 0 };
    const column = { name: 'date', values: ['', '3', '7', '7'], order: [null, 3, 7, 7] };
    expect(keeperOf(group, { column, highest: true })).toBe(2);
    expect(keeperOf(group, { column, highest: false })).toBe(1);
  });
});

describe('decisions', () => {
  it('are undone step by step', () => {
    startWith(new Map([[4, 'keep']]));
    decide([
      [1, 'drop'],
      [2, 'drop'],
    ]);
    decide([[4, 'drop']]);
    decide([[1, undefined]]);
    // A decision that changes nothing is not a step.
    decide([[4, 'drop']]);
    expect([...dropped.value].sort()).toEqual([2, 4]);
    expect(keptRows(6)).toEqual([0, 1, 3, 5]);
    expect([undo(), undo(), undo(), undo()]).toEqual([1, 4, 1, undefined]);
    expect([...decisions.value]).toEqual([[4, 'keep']]);
    expect(canUndo.value).toBe(false);
  });

  const input = { name: 'x.npy', rows: 9, depth: 3, checksum: '0123456789abcdef' };
  const made = new Map<number, Decision>([
    [7, 'drop'],
    [1, 'keep'],
  ]);

  it('are unchanged after they were saved and loaded', () => {
    const file = toFile(input, 0.9, made);
    expect(file.decisions).toEqual([
      { row: 1, decision: 'keep' },
      { row: 7, decision: 'drop' },
    ]);
    expect(new Map(fromFile(JSON.parse(JSON.stringify(file)), 'd.json', input))).toEqual(made);
  });

  it.each([
    ['that is something else', [], 'd.json is not a file of decisions'],
    ['of other rows', { input: { ...input, checksum: 'fedcba9876543210' } }, 'whose rows differ from those of x.npy'],
    [
      'with a row that is not there',
      { decisions: [{ row: 9, decision: 'keep' }] },
      'd.json is damaged: it has “keep” for row 9',
    ],
    ['with an unknown decision', { decisions: [{ row: 3, decision: 'maybe' }] }, 'd.json is damaged: it has “maybe” for row 3'],
  ])('in a file %s are refused', (_, changes, message) => {
    const file = Array.isArray(changes) ? changes : { ...toFile(input, 0.9, made), ...changes };
    expect(() => fromFile(file, 'd.json', input)).toThrow(message);
  });
});

describe('the differences of texts', () => {
  it('are words that only one of them has', () => {
    expect(partsOf('the red cat sat', 'the cat sat down')).toEqual([
      { text: 'the ', kind: 'same' },
      { text: 'red ', kind: 'added' },
      { text: 'cat sat', kind: 'same' },
      { text: ' down', kind: 'missing' },
    ]);
    expect(partsOf('same', 'same')).toEqual([{ text: 'same', kind: 'same' }]);
    expect(partsOf('a'.repeat(4000), 'b'.repeat(4000))).toEqual([{ text: 'a'.repeat(4000), kind: 'added' }]);
  });
});

describe.skipIf(missing)(`the review in Chromium${skipped}`, () => {
  const pages = usePages('review');

  async function open(args: readonly string[], state: string): Promise<Page> {
    return pages.open((await View.start(...args)).address, { state, viewport: { width: 1280, height: 900 } });
  }

  async function download(page: Page, name: string | RegExp): Promise<string> {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    const path = join(pages.folder, file.suggestedFilename());
    await file.saveAs(path);
    return path;
  }

  const progress = (page: Page) => page.locator('.review-progress');

  it('removes the duplicates of 1,500 sentences, with decisions that are saved and resumed', async () => {
    const file = join(pages.folder, 'decisions.json');
    const sentences = ['examples/data/sentences.npy', '--labels', 'examples/data/sentences.tsv', '--decisions', file];
    const x = await readNpy('examples/data/sentences.npy');
    const found = await groups(x, { threshold: 0.8 });
    const first = await open(sentences, 'threshold=0.8&order=given');
    await first.getByRole('button', { name: `Review ${found.groups.length} groups of duplicates` }).click();
    await first.locator('.review-card').first().waitFor();
    const [group, second] = found.groups.map(({ rows, representative }) => [
      representative,
      ...rows.filter((row) => row !== representative),
    ]);
    const [rows, next] = [group ?? [], second ?? []];
    await expect.poll(() => first.locator('.review-card').count()).toBe(rows.length);
    await expect.poll(() => first.locator('.review-card mark').count()).toBeGreaterThan(0);
    // Keeps the suggested row and the next one, drops the others, and undoes the last step.
    for (const key of ['k', 'k', ...rows.slice(2).map(() => 'd'), 'u', 'd', 'n']) await first.keyboard.press(key);
    await progress(first)
      .filter({ hasText: `1 of ${found.groups.length} groups decided, ${rows.length - 2} rows dropped` })
      .waitFor();
    await first.getByRole('list', { name: 'Group 2' }).waitFor();
    // A command that does not answer is asked again.
    const address = (url: URL) => url.pathname.includes('decisions');
    await first.route(address, (route) => route.abort());
    await first.keyboard.press('s');
    await first.getByText('The command has not saved the decisions yet').waitFor();
    await first.unroute(address);
    await first.getByText('Decisions saved.').waitFor();
    expect(new Set(pages.problems.splice(0))).toEqual(new Set(['Failed to load resource: net::ERR_FAILED']));
    const left = rows.length - 2 + next.length - 1;
    await expect.poll(async () => savedIn(await readFile(file, 'utf8'))).toBe(left);
    await first.context().close();
    await View.stopAll();

    const resumed = await open(sentences, 'view=review');
    await progress(resumed)
      .filter({ hasText: `2 of ${found.groups.length} groups decided, ${left} rows dropped` })
      .waitFor();
    expect(await violations(resumed)).toEqual([]);
    await resumed.getByRole('button', { name: 'Keep suggested in all groups' }).click();
    await progress(resumed)
      .filter({ hasText: `${found.groups.length} of ${found.groups.length} groups decided` })
      .waitFor();
    const kept = await readNpy(await download(resumed, 'Save kept records (.npy)'));
    const suggested = await dedupe(x, { threshold: 0.8, method: 'components' });
    const others = Array.from(suggested.kept).filter((row) => !rows.includes(row));
    const right = [...others, ...rows.slice(0, 2)].sort((a, b) => a - b);
    expect(kept.shape).toEqual([right.length, 768]);
    for (const [at, row] of right.entries()) {
      expect(kept.data[at * 768]).toBe(x.data[row * 768]);
      expect(kept.data[at * 768 + 767]).toBe(x.data[row * 768 + 767]);
    }
  });

  it('saves the records of a table unchanged, and loads decisions only from a file about these rows', async () => {
    const table = join(pages.folder, 'rows.csv');
    const records = Array.from(
      { length: 8 },
      (_, row) => `"name, ${row}",${2020 + row}-01-01,"[${row >> 1}.5, 1, ${row % 2 ? 1.001 : 1}]"`,
    );
    await writeFile(table, ['title,date,vector', ...records, ''].join('\n'));
    const labels = join(pages.folder, 'labels.tsv');
    await writeFile(labels, ['date\ttitle', ...records.map((_, row) => `${2020 + row}-01-01\tname ${row}`), ''].join('\n'));
    const page = await open([table, '--labels', labels], 'threshold=0.99999&view=review');
    await page.locator('.review-card').first().waitFor();
    expect(await page.locator('.fields').first().textContent()).toBe('date2020-01-01');
    await page.getByLabel('Suggest').selectOption({ label: 'the highest date' });
    await page.getByRole('button', { name: 'Keep suggested in all groups' }).click();
    const csv = await readFile(await download(page, 'Save kept records (.csv)'), 'utf8');
    expect(csv).toBe(['title,date,vector', ...records.filter((_, row) => row % 2 === 1), ''].join('\n'));
    const saved = JSON.parse(await readFile(await download(page, 'Save decisions'), 'utf8')) as SavedDecisions;
    expect(saved.decisions.length).toBe(8);
    await page.reload();
    await progress(page).filter({ hasText: '0 of 4 groups decided' }).waitFor();
    const load = (content: object) =>
      page
        .locator('.file-button input')
        .setInputFiles({ name: 'd.json', mimeType: '', buffer: Buffer.from(JSON.stringify(content)) });
    await load({ ...saved, input: { ...saved.input, checksum: '0' } });
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('whose rows differ from those of rows.csv');
    await load(saved);
    await progress(page).filter({ hasText: '4 of 4 groups decided, 4 rows dropped, 4 kept' }).waitFor();
    await expect.poll(() => page.getByRole('alert').textContent()).toBe('');
  });
});

/** Returns how many rows a file of decisions drops. */
function savedIn(text: string): number {
  return (JSON.parse(text) as SavedDecisions).decisions.filter(({ decision }) => decision === 'drop').length;
}
