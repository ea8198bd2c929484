// docs/api.md is what the docstrings say now.

import { readFile } from 'node:fs/promises';
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
