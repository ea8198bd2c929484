// Measured figures in the documents are those of docs/benchmarks.json (bench/figures.ts says how they are marked), or those of another
// command named here.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fillFigures, withoutFigures } from '../../bench/figures.js';
import { generatedDocuments, ROOT, writtenDocuments } from '../../bench/generated-docs.js';
import { type Report, readReport } from '../../bench/report.js';

/** A number with a unit of time or of speed. */
const FIGURE = /\d(?:[\d.,]*)[\s ]?(?:ns|µs|us|ms|s|min|h|GF\/s|GB\/s)(?![\w^(])/;

/** Lines that may contain one nevertheless. Each reason names what measures it, or why it is not a measurement. */
const ALLOWED: readonly (readonly [document: string, line: RegExp, reason: string])[] = [
  ['docs/guide.md', /pairs compared in \d+ ms/, 'what `npm run demo` prints, as an example'],
  ['docs/command-line.md', /Writing it to a file takes 8.0 s/, '`npx tsx bench/larger-than-memory.ts`'],
  ['docs/page.md', /^\| [\d,]+ x (384|768)|Dragging takes 17 ms a frame/, '`npx tsx bench/page.ts`'],
  ['docs/cluster.md', /per shard, on one thread of this machine/, 'what `allpairs plan` prints, as an example'],
  ['docs/cluster.md', /^\| 10\^\d \|/, '`npx tsx bench/cluster-costs.ts`'],
  ['docs/cluster.md', /^\| (top 10|pairs at|matrix)|about 100 ms\. "Shards"/, '`npx tsx bench/cluster-overhead.ts`'],
  ['docs/reliability.md', /^\| .*\.(npy|parquet)/, '`npx tsx bench/larger-than-memory.ts`'],
  ['docs/reliability.md', /Within 64 MiB, in 28 passes|with a peak of 114 MiB/, '`npx tsx bench/larger-than-memory.ts`'],
  ['docs/how-it-works.md', /s of CPU time|0\.14 s, or 0\.30 s without pruning/, '`npx tsx bench/sparse.ts`'],
  ['docs/architecture.md', /looks for the next run for 0.2 ms/, 'a constant of the code'],
];

describe('figures from docs/benchmarks.json', () => {
  it('match in the documents', async () => {
    for (const [path, text] of await generatedDocuments(await readReport()))
      expect(await readFile(`${ROOT}${path}`, 'utf8'), `${path}: run npm run bench:docs`).toBe(text);
  });
});

describe('figures typed by hand', () => {
  it('occur only where a reason is declared', async () => {
    const used = new Set<unknown>();
    for (const path of await writtenDocuments()) {
      for (const line of withoutFigures(await readFile(`${ROOT}${path}`, 'utf8')).split('\n')) {
        if (!FIGURE.test(line)) continue;
        const entry = ALLOWED.find(([document, pattern]) => document === path && pattern.test(line));
        expect(entry, `${path} has a figure that is not marked: ${line}`).toBeDefined();
        used.add(entry);
      }
    }
    for (const entry of ALLOWED) expect(used.has(entry), `not needed: ${entry.join(' ')}`).toBe(true);
  });

  it.each(['takes 77 ms', 'in 1.9 s.', '(12.1 µs)', '| 473 ms |', '180 GF/s'])('are recognised: %s', (text) => {
    expect(text).toMatch(FIGURE);
  });

  it.each(['4000 x 768', '10 shards', '3 seconds', '95 %'])('do not include other numbers: %s', (text) => {
    expect(text).not.toMatch(FIGURE);
  });
});

describe('marks', () => {
  // Markdown ends a paragraph at a line that begins with a comment, and shows the rest of the line as HTML.
  it('do not begin a line within a paragraph', async () => {
    for (const path of await writtenDocuments())
      expect((await readFile(`${ROOT}${path}`, 'utf8')).match(/^ *<!-- bench: .*$/gm), path).toBeNull();
  });

  const time = (name: string, medianMs: number) => ({
    name,
    medianMs,
    lowMs: medianMs,
    highMs: medianMs,
    samples: 3,
    error: 0,
    ratio: undefined,
    gflops: 1,
  });
  const report: Report = {
    quick: false,
    date: '2026-01-02',
    environment: {},
    versions: {},
    sections: {
      dense: {
        asks: '',
        seconds: 1,
        leftOut: [],
        tables: [
          { kind: 'times', id: '4x8', title: '', baseline: '', rows: [time('allpairs native', 77.1), time('other', 102)] },
          {
            kind: 'values',
            id: 'v',
            title: '',
            columns: [{ name: 'share', unit: '%' }],
            rows: [{ name: 'a', values: [88.6] }],
          },
        ],
      },
    },
  };

  it.each([
    ['dense/4x8/allpairs native', '77.1 ms'],
    ['dense/4x8/other : allpairs native', '1.3'],
    ['dense/v/a/share', '89%'],
  ])('%s is %s', (path, text) => {
    const open = `<!-- bench: ${path} -->`;
    expect(fillFigures(`It takes ${open}5 ms<!-- /bench -->.`, report)).toBe(`It takes ${open}${text}<!-- /bench -->.`);
  });

  it('of tables insert medians, rows by columns', () => {
    const open = '<!-- bench-table: dense; 4x8; allpairs native | other -->';
    expect(fillFigures(`${open}\n<!-- /bench-table -->`, report)).toBe(
      `${open}\n| | 4 x 8 |\n|---|---:|\n| **allpairs native** | 77.1 ms |\n| other | 102 ms |\n<!-- /bench-table -->`,
    );
  });

  it('whose figures do not exist are errors, except after a quick run', () => {
    const text = '<!-- bench: dense/9x9/other --><!-- /bench -->';
    expect(() => fillFigures(text, report)).toThrow('docs/benchmarks.json has no dense/9x9/other');
    expect(fillFigures(text, { ...report, quick: true })).toContain('-->–<!--');
  });
});
