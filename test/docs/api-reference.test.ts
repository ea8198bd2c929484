// docs/api.md matches the docstrings.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { API_FILE, apiReference } from '../../scripts/api-reference.js';

it('docs/api.md is up to date (npm run api writes it)', async () => {
  expect(await readFile(API_FILE, 'utf8')).toBe(apiReference());
});

it('docs/api.md has a heading for each call and few others, because options and results follow their call', async () => {
  const headings = (await readFile(API_FILE, 'utf8')).match(/^## .*$/gm) ?? [];
  expect(headings.length).toBeGreaterThan(20);
  expect(headings.length).toBeLessThanOrEqual(40);
});

it('every link in docs/api.md leads to a heading or a file', async () => {
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

it('docs/api.md lists every error code of the library', async () => {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  // Errors that only the command line and the cluster throw never reach a caller of the library.
  const files = globSync('**/*.ts', { cwd: src, absolute: true, ignore: ['cli/**', 'cluster/**'] });
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const codes = new Set(texts.flatMap((text) => [...text.matchAll(/'(ERR_ALLPAIRS_\w+)'/g)].map(([, code]) => code)));
  expect(codes).toContain('ERR_ALLPAIRS_CLOSED');
  const documented = (await readFile(API_FILE, 'utf8')).match(/(?<=^\| `)ERR_ALLPAIRS_\w+/gm) ?? [];
  expect(documented.sort()).toEqual([...codes].sort());
});

/** Types of the language and of every runtime. */
const WELL_KNOWN =
  /^(AbortSignal|ArrayBuffer(Like)?|ArrayLike|(Async)?Generator|Blob|Error|Iterable|Omit|Promise|Readonly|ReadonlyMap|Record|URL|((Big)?(Ui|I)nt|Float)\d+(Clamped)?Array)$/;

it('every type that a declaration names has a section of docs/api.md', async () => {
  const text = await readFile(API_FILE, 'utf8');
  const sections = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading));
  const missing = new Set<string>();
  for (const [, code = ''] of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const file = ts.createSourceFile('api.ts', code, ts.ScriptTarget.Latest, true);
    const parameters = new Set<string>();
    const visit = (node: ts.Node): void => {
      if (ts.isTypeParameterDeclaration(node)) parameters.add(node.name.text);
      const named = ts.isTypeReferenceNode(node) ? node.typeName : ts.isTypeQueryNode(node) ? node.exprName : undefined;
      const base = ts.isExpressionWithTypeArguments(node) ? node.expression : named;
      const name = base?.getText();
      if (name !== undefined && !sections.has(name) && !parameters.has(name) && !WELL_KNOWN.test(name)) missing.add(name);
      node.forEachChild(visit);
    };
    visit(file);
  }
  expect([...missing]).toEqual([]);
});
