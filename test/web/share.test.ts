// What the page saves to be shared: reports that open with their results, pictures, and the page embedded in other pages.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { groups, readNpy, topK } from 'allpairs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { npyOf, rowsOfNpy } from '../../web/src/compute/npy-bytes.js';
import { pack, unpack } from '../../web/src/compute/packed.js';
import { fewerPairs, sortPairs } from '../../web/src/compute/similar-pairs.js';
import { escaped } from '../../web/src/share/svg.js';
import { missing, skipped } from '../browser/chromium.js';
import { run } from '../cli/command.js';
import { View } from '../cli/view-server.js';
import { violations } from './accessibility.js';
import { drawn, finished } from './readiness.js';
import { usePages } from './use-pages.js';

const SENTENCES = ['examples/data/sentences.npy', '--labels', 'examples/data/sentences.tsv'];
const DIGITS = ['examples/data/digits.npy', '--labels', 'examples/data/digits-labels.txt', '--image-shape', '8x8'];

describe('the content of a report', () => {
  it('is unchanged after packing and unpacking', async () => {
    const value = {
      text: 'ä',
      none: null,
      list: [1, { codes: Uint16Array.of(1, 65535, 3) }],
      scores: Float32Array.of(0.1, -1),
      edges: Float64Array.of(0.1),
      empty: new Uint32Array(),
    };
    expect(await unpack(await pack(value))).toEqual(value);
  });

  it('includes the pairs down to the threshold, or all if there are few', () => {
    const count = 250_000;
    const unsorted = {
      rows: new Uint32Array(count).map((_, at) => at % 500),
      cols: new Uint32Array(count).map((_, at) => 500 + (at % 499)),
      scores: new Float32Array(count).map((_, at) => 1 - Math.floor(at / 10) / count),
    };
    const pairs = sortPairs(0.9, unsorted, 1000);
    const high = fewerPairs(pairs, 0.99);
    expect(high.scores.length).toBe(200_000);
    expect(high.floor).toBe(high.scores.at(-1));
    expect(Array.from(high.joins).every((pair) => pair < 200_000)).toBe(true);
    expect(fewerPairs(pairs, 0.9)).toBe(pairs);
  });

  it('includes its rows as a .npy', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'allpairs-npy-'));
    const path = join(folder, 'rows.npy');
    await writeFile(path, npyOf([Float64Array.of(1, 2), Float64Array.of(3, 4.5)], 2, '<f8'));
    const { data, shape } = await readNpy(path);
    expect([Array.from(data), shape]).toEqual([
      [1, 2, 3, 4.5],
      [2, 2],
    ]);
    await rm(folder, { recursive: true });
  });

  it('reads its rows again, in their type', () => {
    for (const rows of [
      [Float64Array.of(1, 2, 1 / 3), Float64Array.of(3, 4.5, -0)],
      [Float32Array.of(1, 2, 0.5), Float32Array.of(3, 4.5, -0)],
    ]) {
      const [first, second] = rows as [Float32Array, Float32Array];
      const { data, shape } = rowsOfNpy(npyOf(rows, 3, first.BYTES_PER_ELEMENT === 8 ? '<f8' : '<f4'));
      expect(data.constructor).toBe(first.constructor);
      expect([Array.from(data), shape]).toEqual([
        [...first, ...second],
        [2, 3],
      ]);
    }
  });

  it('refuses rows that were cut off, or are of another type', () => {
    const bytes = npyOf([Float32Array.of(1, 2)], 2, '<f4');
    const damaged = /^the rows are damaged/;
    expect(() => rowsOfNpy(bytes.slice(0, -1))).toThrow(damaged);
    const big = bytes.slice();
    big[big.indexOf('<'.charCodeAt(0))] = '>'.charCodeAt(0);
    expect(() => rowsOfNpy(big)).toThrow(damaged);
  });
});

describe('text in a picture', () => {
  it('stays text', () => {
    expect(escaped('a<b> & "c"\u0000')).toBe('a&lt;b&gt; &amp; &quot;c&quot;');
  });
});

describe.skipIf(missing)(`sharing in Chromium${skipped}`, () => {
  const pages = usePages('share');

  const open = (address: string) => pages.open(address, { scripts: [noteWork] });

  const reports = new Map<readonly string[], string>();

  /** Returns the path of the report that the command writes; tests share it. */
  async function exported(args: readonly string[]): Promise<string> {
    const path = reports.get(args) ?? join(pages.folder, `exported-${reports.size}.html`);
    if (!reports.has(args)) expect((await run(['view', ...args, '--export', path, '-q'])).code).toBe(0);
    reports.set(args, path);
    return path;
  }

  async function saved(page: Page, button: string): Promise<string> {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
    const path = join(pages.folder, file.suggestedFilename());
    await file.saveAs(path);
    return path;
  }

  it('saves a report that opens with the state of the page and computes nothing again, and pictures of all views', async () => {
    const { address } = await View.start(...DIGITS);
    const page = await open(`${address}#row=8&threshold=0.985&k=20`);
    await finished(page);
    await page.locator('summary', { hasText: 'Share' }).click();
    await page.getByRole('button', { name: 'Save report' }).waitFor();
    expect(await violations(page)).toEqual([]);
    for (const view of ['matrix', 'map', 'histogram']) {
      await page.getByLabel('Picture of').selectOption(view);
      await page.locator('.menu-panel').getByLabel('as').selectOption('svg');
      const svg = await readFile(await saved(page, 'Save picture'), 'utf8');
      expect(await page.evaluate(rootOf, svg)).toBe('svg');
      if (view === 'map') expect(svg.match(/<circle /g)?.length).toBe(1797 + 10);
      await page.locator('.menu-panel').getByLabel('as').selectOption('png');
      const png = await readFile(await saved(page, 'Save picture'));
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      expect(png.readUInt32BE(16)).toBeGreaterThan(600);
    }
    const group = page.locator('.groups li').first();
    await group.locator('summary').click();
    await group.getByLabel('Name').fill('My chain');
    await group.getByLabel('Name').press('Enter');
    await group.getByRole('button', { name: /^Select these/ }).click();
    const size = Number(await group.locator('.count').textContent());
    await page.locator('summary', { hasText: 'Share' }).click();
    const report = await saved(page, 'Save report');
    await page.context().close();
    await View.stopAll();

    const again = await pages.open(pathToFileURL(report).href, { scripts: [noteWork, countThreads] });
    await finished(again);
    const x = await readNpy('examples/data/digits.npy');
    const right = await topK(x, { k: 20 });
    await expect.poll(() => again.locator('.neighbours tbody tr').count()).toBe(20);
    expect(await again.locator('.neighbours .score').allTextContents()).toEqual(
      Array.from(right.scores.subarray(160, 180), (score) => score.toFixed(3)),
    );
    const found = await groups(x, { threshold: 0.985 });
    expect(await again.locator('.summary').textContent()).toContain(`in ${found.groups.length} groups`);
    await again.locator('.groups summary', { hasText: 'My chain' }).waitFor();
    await again.getByRole('tab', { name: `Selection (${size})` }).waitFor();
    expect(await again.evaluate('[threads, [...works]]')).toEqual([0, []]);
    // Detail beyond what the report contains is computed when it is viewed.
    for (let turn = 0; turn < 8; turn++) await again.getByRole('button', { name: 'Zoom in the heatmap' }).click();
    await drawn(again);
    await expect.poll(() => again.evaluate('[...works]')).toEqual(['Reading digits.npy']);
    await again.locator('summary', { hasText: 'Share' }).click();
    await again.getByText('This page is already a report').waitFor();
    // Another order is computed as usual.
    await again.getByLabel('Order', { exact: true }).selectOption('given');
    await finished(again);
    await expect.poll(() => again.evaluate('[...works]')).toContain('Comparing all rows');
  });

  it.each([
    ['texts', SENTENCES],
    ['pictures', DIGITS],
  ])('opens a report of the command, of %s, with nothing computed', async (_, args) => {
    const report = await exported(args);
    const page = await pages.open(pathToFileURL(report).href, { scripts: [noteWork, countThreads] });
    await finished(page);
    const means = page.locator('.groups .mean');
    await expect.poll(() => means.last().textContent()).not.toBe('');
    // Time for what should not be asked.
    await page.waitForTimeout(500);
    expect(await page.evaluate('[threads, [...works]]')).toEqual([0, []]);
    const seen = async (body: Body) => ({
      summary: await body.locator('.summary').textContent(),
      groups: await body.locator('.groups').textContent(),
      bars: await body.locator('.histogram path').first().getAttribute('d'),
      order: await body.getByLabel('Order', { exact: true }).inputValue(),
    });
    const found = await seen(page.locator('body'));
    // A row's neighbours are new: they are computed here.
    await page.getByRole('combobox', { name: 'Find a row' }).fill('row 8');
    await page.getByRole('combobox', { name: 'Find a row' }).press('Enter');
    await expect.poll(() => page.locator('.neighbours .score').count()).toBe(10);
    const right = await topK(await readNpy(args[0] as string), { k: 10 });
    expect(await page.locator('.neighbours .score').allTextContents()).toEqual(
      Array.from(right.scores.subarray(80, 90), (score) => score.toFixed(3)),
    );
    expect(await page.evaluate('[threads > 0, works.size]')).toEqual([true, 1]);
    await page.context().close();

    const { address } = await View.start(...args);
    const served = await open(address);
    await finished(served);
    await expect.poll(() => served.locator('.groups .mean').last().textContent()).not.toBe('');
    expect(found).toEqual(await seen(served.locator('body')));
  });

  it('shows a report, or files, within another page', async () => {
    const report = await exported(DIGITS);
    const page1 = '<!doctype html><title>t</title><script type="module" src="web/allpairs-view.js"></script>';
    const server = await serve({
      'report.html': await readFile(report),
      'rows.npy': await readFile('examples/data/digits.npy'),
      'names.txt': await readFile('examples/data/digits-labels.txt'),
      'a.html': Buffer.from(`${page1}<allpairs-view src="report.html" state="row=8"></allpairs-view>`),
      'b.html': Buffer.from(`${page1}<allpairs-view src="rows.npy" names="names.txt" state="row=8"></allpairs-view>`),
      'c.html': Buffer.from(`${page1}<allpairs-view src="missing.npy"></allpairs-view>`),
    });
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const broken = await open(`${address}/c.html`);
      await expect.poll(() => broken.getByRole('alert').textContent()).toMatch(/missing\.npy could not be read: .* 404/);
      expect(pages.problems.splice(0)).toEqual([expect.stringContaining('404')]);
      for (const name of ['a.html', 'b.html']) {
        const page = await open(`${address}/${name}`);
        const frame = page.frameLocator('allpairs-view iframe');
        await finished(frame.locator('body'));
        await expect.poll(() => frame.locator('.selected-row strong').textContent()).toBe('8');
        expect(await frame.locator('.facts').textContent()).toContain('1,797 rows of 64 numbers');
      }
    } finally {
      server.close();
    }
  });

  it('shows a report in a cell of a notebook', async () => {
    const report = await exported(DIGITS);
    const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' };
    const cell = (await readFile(report, 'utf8')).replace(/[&<>"']/g, (character) => escapes[character] as string);
    const server = await serve({
      'cell.html': Buffer.from(
        `<!doctype html><meta charset="utf-8"><title>t</title><iframe srcdoc="${cell}" width="100%" height="700"></iframe>`,
      ),
    });
    try {
      const page = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/cell.html`);
      const frame = page.frameLocator('iframe');
      await finished(frame.locator('body'));
      await frame.getByRole('combobox', { name: 'Find a row' }).fill('row 8');
      await frame.getByRole('combobox', { name: 'Find a row' }).press('Enter');
      await expect.poll(() => frame.locator('.neighbours tbody tr').count()).toBe(10);
    } finally {
      server.close();
    }
  });
});

type Body = ReturnType<Page['locator']>;

/** In the page: records the announced work. */
function noteWork(): void {
  const works = new Set<string>();
  Object.assign(globalThis, { works });
  new MutationObserver(() => {
    const text = document.querySelector('.working [role=status]')?.textContent;
    if (text) works.add(text);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

/** In the page: counts the threads that it starts. */
function countThreads(): void {
  const { Worker } = globalThis;
  Object.assign(globalThis, {
    threads: 0,
    Worker: class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        (globalThis as unknown as { threads: number }).threads++;
      }
    },
  });
}

/** In the page: returns the name of the root element, or 'parsererror'. */
function rootOf(svg: string): string {
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');
  return parsed.querySelector('parsererror') ? 'parsererror' : parsed.documentElement.localName;
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Serves these files, and dist/web/ as web/. */
function serve(files: Readonly<Record<string, Buffer>>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
    try {
      response.end(files[path] ?? (await readFile(join('dist', path))));
    } catch {
      response.writeHead(path === 'favicon.ico' ? 204 : 404).end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
