// docs/api.md is what the docstrings say now.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import { expect, it } from 'vitest';
import { API_FILE, apiReference } from '../../scripts/api-reference.js';

it('docs/api.md is up to date (npm run api writes it)', async () => {
  expect(await readFile(API_FILE, 'utf8')).toBe(apiReference());
});

it('it has a heading for each call and few others: options and results stand below their call', async () => {
  const headings = (await readFile(API_FILE, 'utf8')).match(/^## .*$/gm) ?? [];
  expect(headings.length).toBeGreaterThan(20);
  expect(headings.length).toBeLessThanOrEqual(40);
});

it('every link in it leads somewhere', async () => {
  const text = await readFile(API_FILE, 'utf8');
  const seen = new Map<string, number>();
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const slug = heading.toLowerCase().replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  for (const [, target] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(target);
});

it('every error code of the library is in it', async () => {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  // What only the command line and the cluster throw never reaches a caller of the library.
  const files = globSync('**/*.ts', { cwd: src, absolute: true, ignore: ['cli/**', 'cluster/**'] });
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const codes = new Set(texts.flatMap((text) => [...text.matchAll(/'(ERR_ALLPAIRS_\w+)'/g)].map(([, code]) => code)));
  expect(codes).toContain('ERR_ALLPAIRS_CLOSED');
  const documented = (await readFile(API_FILE, 'utf8')).match(/(?<=^\| `)ERR_ALLPAIRS_\w+/gm) ?? [];
  expect(documented.sort()).toEqual([...codes].sort());
});
