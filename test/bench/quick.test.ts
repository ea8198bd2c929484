// Checks that the benchmark runs and what it reports, not how fast anything is. Rivals that are not installed are left out.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { losses } from '../../bench/losses.js';
import type { Report } from '../../bench/report.js';
import { indistinct } from '../../src/cli/interleaved-timing.js';
import { run } from '../cli/command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function quick(sections: string, env: Record<string, string> = {}): Promise<Report> {
  const args = ['--import', 'tsx', 'bench/bench.ts', '--quick', '--json', '--only', sections];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env } });
  return JSON.parse(stdout) as Report;
}

describe('npm run bench -- --quick', () => {
  it('times each method with quartiles and checks its answers', async () => {
    const { quick: isQuick, environment, sections } = await quick('dense,top-k,cross');
    expect(isQuick).toBe(true);
    expect(environment).toHaveProperty('processor');
    expect(Object.keys(sections)).toEqual(['dense', 'cross', 'top-k']);
    for (const { tables } of Object.values(sections)) {
      expect(tables.length).toBeGreaterThan(0);
      for (const table of tables) {
        expect(table.rows.map(({ name }) => name)).toContain('allpairs wasm');
        for (const row of table.kind === 'times' ? table.rows : []) {
          expect(row.lowMs).toBeLessThanOrEqual(row.medianMs);
          expect(row.medianMs).toBeLessThanOrEqual(row.highMs);
          if (row.name.startsWith('allpairs')) expect(row.error).toBeLessThanOrEqual(1e-6);
        }
      }
    }
  });

  it('lists missing rivals by name', async () => {
    const { sections } = await quick('original', { PYTHON: '/nowhere/python3' });
    expect(sections.original?.leftOut).toContainEqual(expect.objectContaining({ name: 'all rivals in Python' }));
  });

  it('rejects unknown sections', async () => {
    await expect(quick('dens')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no section dens; there are'),
    });
  });
});

describe('the text about the figures', () => {
  const row = (name: string, lowMs: number, medianMs: number, highMs: number) => ({
    name,
    lowMs,
    medianMs,
    highMs,
    samples: 9,
    error: 0,
    ratio: undefined,
    gflops: 1,
  });
  const rows = [row('allpairs wasm', 20, 21, 22), row('one', 10, 11, 12), row('two', 21.5, 23, 24), row('three', 40, 41, 42)];

  it('names candidates with overlapping quartiles', () => {
    expect(indistinct(rows)).toEqual([['allpairs wasm', 'two']]);
  });

  it('names faster rivals', () => {
    const table = { kind: 'times' as const, id: '', title: '4 x 8', baseline: 'one', rows };
    expect(losses({ asks: '', tables: [table], leftOut: [], seconds: 1 })).toEqual([
      '4 x 8, allpairs wasm: **one is faster** (11.0 ms compared with 21.0 ms, 1.9x); two is equally fast within the noise.',
    ]);
  });
});

describe('allpairs bench', () => {
  it('measures every backend that runs here', async () => {
    const { code, stdout } = await run(['bench', '--seconds', '0', '--json']);
    expect(code).toBe(0);
    const { tables, backends } = JSON.parse(stdout.toString());
    expect(tables.map(({ call, rows }: { call: string; rows: number }) => `${call} ${rows}`)).toEqual([
      'matrix 50',
      'matrix 1000',
      'matrix 4000',
      'top 10 4000',
    ]);
    for (const { timed } of tables) {
      expect(timed.map(({ name }: { name: string }) => name)).toEqual(Object.keys(backends));
      for (const { error } of timed) expect(error).toBeLessThanOrEqual(1e-6);
    }
  });
});
