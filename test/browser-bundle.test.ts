// The size of what a page loads for `import { topK, openRows } from 'allpairs'`, bundled as its own bundler would: no more than a small
// picture, and no reader of a format before a file of it is opened.

import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type OutputFile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
/** Maximum compressed bytes of the entry, its static imports and the worker. */
const MAX_BYTES = 60_000;

let files: Map<string, OutputFile>;
let outputs: Metafile['outputs'];

beforeAll(async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(DIST, 'entry/browser.js'), join(DIST, 'backends/tiled/worker-browser.js')],
    absWorkingDir: ROOT,
    outdir: 'out',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  files = new Map(outputFiles.map((file) => [relative(ROOT, file.path), file]));
  outputs = metafile.outputs;
});

/** The outputs that are loaded together with an entry, without those that it loads later. */
function loadedWith(name: string): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === 'import-statement') visit(next);
  };
  visit(name);
  return [...found];
}

function bytesOf(names: Iterable<string>): number {
  let sum = 0;
  for (const name of names) sum += gzipSync((files.get(name) as OutputFile).contents, { level: 9 }).length;
  return sum;
}

describe('what a page loads', () => {
  const entry = 'out/entry/browser.js';
  const worker = 'out/backends/tiled/worker-browser.js';

  it(`at first, with the worker, is smaller than ${MAX_BYTES} bytes when it is compressed`, () => {
    expect(bytesOf(new Set([...loadedWith(entry), ...loadedWith(worker)]))).toBeLessThan(MAX_BYTES);
  });

  it('is as large as the README states', async () => {
    const [, stated] = /(\d+) kB with the worker/.exec(await readFile(new URL('../README.md', import.meta.url), 'utf8')) ?? [];
    expect(Number(stated)).toBe(Math.ceil(MAX_BYTES / 1000));
  });

  it('contains no reader of a format at first', () => {
    const inputs = loadedWith(entry).flatMap((name) => Object.keys(outputs[name]?.inputs ?? {}));
    expect(inputs).toContain('dist/entry/browser.js');
    expect(inputs.filter((input) => /\/(parquet|arrow|npz|csv|jsonl|safetensors|vecs|bin)\.js$/.test(input))).toEqual([]);
    const text = loadedWith(entry)
      .map((name) => files.get(name)?.text)
      .join();
    // Texts from the errors of readers.
    expect(text).not.toMatch(/a quote is never closed|ends within a message|Thrift|snappy/);
  });

  it("never contains Node's modules, and needs no package", async () => {
    const formats = ['npy', 'npz', 'parquet', 'arrow', 'safetensors', 'csv', 'jsonl', 'vecs', 'bin'];
    const loaded = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
    for (const format of formats) expect(loaded).toContain(`dist/browser/${format}.js`);
    expect(loaded.filter((input) => !input.startsWith('dist/'))).toEqual([]);
    const specifiers = Object.values(outputs).flatMap(({ imports }) => imports);
    expect(specifiers.filter(({ external }) => external)).toEqual([]);
    for (const input of new Set(loaded)) expect(await readFile(join(ROOT, input), 'utf8')).not.toMatch(/['"]node:/);
  });

  it('refers to the worker file next to the entry', async () => {
    const address = /new URL\(['"](.+worker-browser\.js)['"],\s*import\.meta\.url\)/;
    const loaded = [...new Set(Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)))];
    const naming: string[] = [];
    for (const input of loaded) {
      const [, path] = address.exec(await readFile(join(ROOT, input), 'utf8')) ?? [];
      if (path) naming.push(join(dirname(input), path));
    }
    expect(naming).toEqual(['dist/backends/tiled/worker-browser.js']);
  });
});
