// Import rules of the page: it imports the library by its public name only, and its folders import each other in one direction.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const WEB = fileURLToPath(new URL('../../web/src', import.meta.url));

/** What the command passes to the page: only types. */
const PAGE_DATA = '../../src/cli/view/page-data.js';
/** Code that the page and the command share. */
const SHARED = ['name-table', 'row-columns', 'page-text'].map((name) => `../../src/cli/view/${name}.js`);

/** For each folder, what its imports within the page must match, and its packages. */
const RULES: readonly [file: RegExp, mayImport: RegExp, packages: RegExp][] = [
  [/^format\./, /^$/, /^$/],
  [/^compute\//, /^compute\//, /^(allpairs|comlink|umap-js|node:worker_threads)$/],
  [/^state\//, /^(state|compute)\//, /^(#start-workers|comlink|@preact\/signals|d3-dsv)$/],
  [/^panels\//, /^(panels|state|compute)\/|^format\./, /^(@preact\/signals|preact|preact\/hooks|d3-dsv|diff)$/],
  [
    /^heatmap\//,
    /^(heatmap|state|compute)\/|^format\.|^panels\/(choice|gestures|gl-program|zoom-buttons|map-colours|row-picture)\./,
    /^(@preact\/signals|preact\/hooks)$/,
  ],
  [/^share\//, /^(share|panels|heatmap|state|compute)\/|^format\./, /^@preact\/signals$/],
  [/^(app|main)\./, /./, /^preact$/],
];

const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(WEB, file), 'utf8');
  return [...text.matchAll(/^import\b[^'"]*?'([^']+)';/gm)].map(([whole, specifier]) => ({
    specifier: specifier as string,
    typeOnly: /^import type\b/.test(whole),
  }));
}

/** Returns the imported file of the page without its extension, or undefined. */
function insideOf(file: string, specifier: string): string | undefined {
  return specifier.startsWith('.')
    ? relative(WEB, join(WEB, dirname(file), specifier)).replace(/\.(js|tsx?)(\?.*)?$/, '.')
    : undefined;
}

describe('imports of the page', () => {
  it.each(files)('%s imports only what its folder allows', (file) => {
    const [, inside, packages] = RULES.find(([pattern]) => pattern.test(file)) ?? [];
    expect(inside, `no rule for ${file}`).toBeDefined();
    for (const { specifier, typeOnly } of importsOf(file)) {
      const target = insideOf(file, specifier);
      if (specifier.endsWith('/page-data.js')) {
        expect(typeOnly, file).toBe(true);
        expect(relative(WEB, join(WEB, dirname(file), specifier))).toBe(PAGE_DATA);
      } else if (/\/(name-table|row-columns|page-text)\.js$/.test(specifier)) {
        expect(SHARED).toContain(relative(WEB, join(WEB, dirname(file), specifier)));
      } else if (specifier.endsWith('.css')) expect(file).toBe('main.tsx');
      else if (target !== undefined) expect(target, `${file} imports ${specifier}`).toMatch(inside as RegExp);
      else expect(specifier, file).toMatch(packages as RegExp);
    }
  });

  it('reach the library by its public name, in the computing thread, and Node in the threads of the command', () => {
    const users = files.filter((file) => importsOf(file).some(({ specifier }) => specifier === 'allpairs'));
    expect(users.sort()).toEqual(['compute/file-session.ts', 'compute/opening.ts', 'compute/session.ts']);
    const ofNode = files.filter((file) => importsOf(file).some(({ specifier }) => specifier.startsWith('node:')));
    expect(ofNode.sort()).toEqual(['compute/command-thread.ts', 'compute/report-thread.ts']);
  });

  it('have no cycle', () => {
    const nameOf = (file: string) => file.replace(/\.tsx?$/, '.');
    const byName = new Map(files.map((file) => [nameOf(file), file]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path, [...path, file].join(' -> ')).not.toContain(file);
      if (done.has(file)) return;
      for (const { specifier, typeOnly } of importsOf(file)) {
        const target = byName.get(insideOf(file, specifier) ?? '');
        if (target !== undefined && !typeOnly) visit(target, [...path, file]);
      }
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(done.size).toBe(files.length);
  });
});

it('no file of the computing thread imports its entry, which WebKit would run again', () => {
  const assets = fileURLToPath(new URL('../../dist/web/assets', import.meta.url));
  const built = readdirSync(assets).filter((name) => name.endsWith('.js'));
  const [first] = built.filter((name) => name.startsWith('compute-worker-'));
  expect(first).toBeDefined();
  const importing = built.filter((name) => readFileSync(join(assets, name), 'utf8').includes(`./${first}`));
  expect(importing).toEqual([]);
});
