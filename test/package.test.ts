// The published package: packed, installed elsewhere, imported, required, bundled and compiled.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../scripts/pack.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const exec = promisify(execFile);

let folder: string;
let files: readonly { path: string; size: number }[];
/** Files of the installed package. */
let manifest: Record<string, unknown> & { version: string; exports: unknown };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-package-'));
  const packed = pack(folder);
  files = packed.files;
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await exec('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--offline', packed.tarball], { cwd: folder });
  manifest = JSON.parse(await readFile(join(folder, 'node_modules/allpairs/package.json'), 'utf8'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The ES modules that Node loads, by path. */
async function nodeModules(): Promise<Map<string, string>> {
  const paths = files
    .map(({ path }) => path)
    .filter((path) => /^dist\/(entry\/index|node\/|cli\/|cluster\/|io\/).*\.js$/.test(path));
  const read = paths.map(
    async (path) => [path, await readFile(join(folder, 'node_modules/allpairs', path), 'utf8')] as [string, string],
  );
  return new Map(await Promise.all(read));
}

describe('the packed package', () => {
  it('holds the library, the command and the documents, nothing else', () => {
    const paths = files.map(({ path }) => path);
    for (const path of paths)
      expect(path).toMatch(
        /^(dist\/.*\.(js|d\.ts)|dist\/entry\/index\.cjs|dist\/types\/cjs\/package\.json|dist\/web\/.*\.(html|css)|dist\/web\/samples\/(README\.md|\w+\.(npy|tsv|txt))|dist\/node\/xdg-open|dist\/(node|browser|web)\/LICENSES\.txt|prebuilds\/.*\.node|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
      );
    // Internal declarations, which no entry reaches.
    expect(paths.filter((path) => /^dist\/types\/(cli|cluster|engine|platform)\//.test(path))).toEqual([]);
    const bytes = files.filter(({ path }) => !path.startsWith('prebuilds/')).reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBeLessThan(6_700_000);
  });

  it('installs no other package', async () => {
    const installed = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['allpairs']);
    for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies'])
      expect(manifest).not.toHaveProperty(field);
    const { peerDependencies, peerDependenciesMeta } = manifest;
    const peers = Object.keys(peerDependencies as object);
    expect(peerDependenciesMeta).toEqual(Object.fromEntries(peers.map((peer) => [peer, { optional: true }])));
  });

  it('imports only Node and optional peers, and contains the licences of bundled packages', async () => {
    const peers = Object.keys(manifest.peerDependencies as object);
    const { metafile } = await build({
      entryPoints: [...(await nodeModules()).keys()],
      absWorkingDir: join(folder, 'node_modules/allpairs'),
      external: peers,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      outdir: 'out',
      write: false,
      metafile: true,
      logLevel: 'error',
    });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.filter(({ external }) => external));
    const names = new Set(imports.map(({ path }) => path).filter((path) => !isBuiltin(path)));
    expect([...names].map((name) => peers.find((peer) => name === peer || name.startsWith(`${peer}/`)) ?? name).sort()).toEqual(
      peers.sort(),
    );
    const licenses = await readFile(join(folder, 'node_modules/allpairs/dist/node/LICENSES.txt'), 'utf8');
    for (const name of ['commander', 'cli-table3', 'string-width', 'hyparquet', 'hyparquet-writer', 'tinyglobby', 'open'])
      expect(licenses).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, 'm'));
    for (const name of ['browser', 'web'])
      expect(await readFile(join(folder, `node_modules/allpairs/dist/${name}/LICENSES.txt`), 'utf8')).toMatch(/^hyparquet \d/m);
  });

  it('has each class in one module for Node, so that instanceof works between the library and the command', async () => {
    const declared = new Map<string, number>();
    for (const entry of await readdir(join(ROOT, 'src'), { recursive: true })) {
      if (!entry.endsWith('.ts')) continue;
      const text = await readFile(join(ROOT, 'src', entry), 'utf8');
      for (const [, name] of text.matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm))
        declared.set(name as string, (declared.get(name as string) ?? 0) + 1);
    }
    const built = new Map<string, string[]>();
    for (const [path, text] of await nodeModules()) {
      const names = [...text.matchAll(/^\s*(?:export )?(?:(?:var|let|const) (\w+?)(?:\$\d+)? = )?class\b(?: (\w+))?/gm)];
      for (const name of new Set(names.map(([, variable, own]) => variable ?? own)))
        if (name !== undefined && declared.has(name)) built.set(name, [...(built.get(name) ?? []), path]);
    }
    expect(built.size).toBeGreaterThan(80);
    for (const [name, paths] of built)
      expect(paths.length, `${name} is in ${paths}`).toBeLessThanOrEqual(declared.get(name) ?? 0);
  });

  it('plans a job from rows that the library opened without copying them', async () => {
    const [rows, depth] = [2000, 64];
    const script = `
      import { writeNpy } from 'allpairs';
      await writeNpy('rows.npy', { data: new Float32Array(${rows * depth}).fill(1), shape: [${rows}, ${depth}] });`;
    await exec(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
    // Rows in one piece are checked where they are; others are copied first.
    const counter = `
      const arrays = Object.getPrototypeOf(Float32Array.prototype);
      const { set } = arrays;
      let copied = 0;
      arrays.set = function (source, at) {
        if (this instanceof Float32Array) copied += source.length;
        return set.call(this, source, at);
      };
      process.on('exit', () => console.error('copied ' + copied));`;
    await writeFile(join(folder, 'count-copies.mjs'), counter);
    const command = join(folder, 'node_modules/allpairs/dist/cli/main.js');
    const plan = ['plan', 'rows.npy', '-k', '3', '--shards', '2', '--backend', 'reference', '-o', 'job'];
    const { stderr } = await exec(process.execPath, ['--import', './count-copies.mjs', command, ...plan], { cwd: folder });
    expect(Number(/^copied (\d+)$/m.exec(stderr)?.[1])).toBeLessThan((rows * depth) / 10);
  });

  it('has a manifest without fields for checkouts, whose paths all exist', async () => {
    for (const field of ['scripts', 'imports', 'devDependencies', 'files', 'private'])
      expect(manifest).not.toHaveProperty(field);
    for (const field of ['repository', 'homepage', 'bugs', 'license', 'engines']) expect(manifest).toHaveProperty(field);
    const paths: string[] = [];
    const visit = (value: unknown): void => {
      if (typeof value === 'string') paths.push(value);
      else for (const inner of Object.values(value as object)) visit(inner);
    };
    visit([manifest.exports, manifest.bin, manifest.main, manifest.module, manifest.browser, manifest.types]);
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) expect(existsSync(join(folder, 'node_modules/allpairs', path)), path).toBe(true);
  });

  it.each(['README.md', 'CHANGELOG.md'])('has no link in %s to a file that it does not contain', async (document) => {
    const text = await readFile(join(folder, 'node_modules/allpairs', document), 'utf8');
    const source = await readFile(join(ROOT, document), 'utf8');
    const targetsIn = (markdown: string) => [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);
    const targets = targetsIn(text);
    expect(targets.filter((target) => !/^(https:|#)/.test(target))).toEqual([]);
    const prefix = /^https:\/\/github\.com\/allpairs\/allpairs\/(blob|raw)\/HEAD\//;
    // Each link leads to the same existing target as in the checkout.
    expect(targets.map((target) => target.replace(prefix, ''))).toEqual(targetsIn(source));
    for (const target of targets.filter((one) => prefix.test(one))) {
      const path = target.replace(prefix, '').replace(/#.*/, '');
      expect(existsSync(join(ROOT, path)), path).toBe(true);
    }
  });

  it('has declarations that import only what exists, and no typed array with a type parameter', async () => {
    const types = files
      .filter(({ path }) => path.endsWith('.d.ts'))
      .map(({ path }) => join(folder, 'node_modules/allpairs', path));
    expect(types.length).toBeGreaterThan(20);
    for (const path of types) {
      const text = await readFile(path, 'utf8');
      expect(text, path).not.toMatch(/\d(Clamped)?Array</);
      for (const [, specifier] of text.matchAll(/(?:from|import\() ?'([^']+)'/g)) {
        expect(existsSync(join(dirname(path), (specifier as string).replace(/\.js$/, '.d.ts'))), `${path}: ${specifier}`).toBe(
          true,
        );
      }
    }
  });

  it('computes with threads when it is imported', async () => {
    const script = `
      import { cosineSimilarity, cosineSimilaritySync } from 'allpairs';
      const x = { data: new Float32Array(1000 * 200).map((_, i) => Math.sin(i)), shape: [1000, 200] };
      const { data } = await cosineSimilarity(x, { threads: 2, backend: 'wasm' });
      const here = cosineSimilaritySync(x, { backend: 'wasm' }).data;
      console.log(data.every((score, i) => score === here[i]), data.buffer instanceof SharedArrayBuffer);
    `;
    await writeFile(join(folder, 'use.js'), script);
    expect((await exec(process.execPath, ['use.js'], { cwd: folder })).stdout).toBe('true true\n');
  });

  it('gives `require` the same modules as `import`', async () => {
    await writeFile(
      join(folder, 'use.cjs'),
      `const required = require('allpairs');
       import('allpairs').then((imported) => console.log(required.ArgumentError === imported.ArgumentError));`,
    );
    expect((await exec(process.execPath, ['use.cjs'], { cwd: folder })).stdout).toBe('true\n');
  });

  /** Too much for one turn of a thread, so that threads compute; the test checks what runtimeInfo says about them. */
  const large = (load: string) => `${load}
    const x = { data: new Float32Array(1000 * 200).map((_, i) => Math.sin(i)), shape: [1000, 200] };
    const here = cosineSimilaritySync(x, { backend: 'wasm' }).data;
    cosineSimilarity(x, { threads: 2, backend: 'wasm' }).then(({ data }) => console.log(JSON.stringify({
      equal: data.every((score, i) => score === here[i]),
      threads: data.buffer instanceof SharedArrayBuffer && runtimeInfo().threadRefusal === undefined,
      native: runtimeInfo().backends[0].description,
    })));`;

  it('computes with threads if `require` cannot load ESM', async () => {
    const load = `const { cosineSimilarity, cosineSimilaritySync, runtimeInfo } = require('./node_modules/allpairs/dist/entry/index.cjs');`;
    await writeFile(join(folder, 'old.cjs'), large(load));
    const { stdout } = await exec(process.execPath, ['old.cjs'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ equal: true, threads: true });
  });

  it.each(['esm', 'cjs'] as const)('computes with threads when bundled into one file (esbuild, %s)', async (format) => {
    const load = `import { cosineSimilarity, cosineSimilaritySync, runtimeInfo } from 'allpairs';`;
    await writeFile(join(folder, 'bundled.js'), large(load));
    const away = await mkdtemp(join(tmpdir(), 'allpairs-bundle-'));
    try {
      const outfile = join(away, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
      await build({
        entryPoints: [join(folder, 'bundled.js')],
        absWorkingDir: folder,
        bundle: true,
        minify: true,
        platform: 'node',
        format,
        outfile,
        logLevel: 'error',
      });
      const { stdout } = await exec(process.execPath, [outfile], { cwd: away });
      const { equal, threads, native } = JSON.parse(stdout);
      expect({ equal, threads }).toEqual({ equal: true, threads: true });
      expect(native).toContain(`package allpairs ${manifest.version}: not found`);
      expect(native).toContain("serverExternalPackages: ['allpairs']");
      expect(native).toContain('allpairs.node next to the bundle: not there');
    } finally {
      await rm(away, { recursive: true });
    }
  });

  describe('and the native addon', () => {
    const built = join(ROOT, 'native/build/Release/allpairs.node');
    const libc = process.platform === 'linux' ? '-gnu' : '';
    const system = `${process.platform}-${process.arch}${libc}`;
    const script = `
      import { cosineSimilaritySync, runtimeInfo } from 'allpairs';
      const tryNative = () => { try { return cosineSimilaritySync([[1, 2]], { backend: 'native' }).at(0, 0); } catch (error) { return error.message; } };
      const { backend, backends } = runtimeInfo();
      console.log(JSON.stringify({ backend, score: cosineSimilaritySync([[1, 2]]).at(0, 0), reason: backends[0].description, native: tryNative() }));
    `;
    const report = async () => {
      await writeFile(join(folder, 'native.js'), script);
      return JSON.parse((await exec(process.execPath, ['native.js'], { cwd: folder })).stdout);
    };
    const prebuild = async () => {
      const to = join(folder, 'node_modules/allpairs/prebuilds', system);
      await mkdir(to, { recursive: true });
      return join(to, 'allpairs.node');
    };

    it('computes with WebAssembly without one, and reports the reason for each location', async () => {
      await rm(join(folder, 'node_modules/allpairs/prebuilds'), { recursive: true, force: true });
      const { backend, score, reason, native } = await report();
      expect({ backend, score }).toEqual({ backend: 'wasm', score: 1 });
      expect(reason).toContain(`no addon for ${process.platform} on ${process.arch}`);
      expect(reason).toContain(`prebuilds/${system}/allpairs.node: not there`);
      expect(reason).toContain('native/build/Release/allpairs.node: not there');
      expect(native).toBe(`backend 'native' cannot run here: ${reason}`);
    });

    it('computes with WebAssembly with a broken one', async () => {
      await writeFile(await prebuild(), 'no addon');
      const { backend, reason } = await report();
      expect(backend).toBe('wasm');
      expect(reason).toMatch(/allpairs\.node: .*(ELF|too short|dlopen|valid|image)/);
    });

    it.skipIf(!existsSync(built))(
      `with one computes by it${existsSync(built) ? '' : ' (skipped: it is not built)'}`,
      async () => {
        await copyFile(built, await prebuild());
        const { backend, score, native } = await report();
        expect({ backend, score, native }).toEqual({ backend: 'native', score: 1, native: 1 });
      },
    );
  });

  it('contains the script that opens a browser, as an executable', async () => {
    await access(join(folder, 'node_modules/allpairs/dist/node/xdg-open'), constants.X_OK);
  });

  it('has a command', async () => {
    const { stdout } = await exec(join(folder, 'node_modules/.bin/allpairs'), ['--version']);
    expect(stdout.trim()).toBe(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version);
  });

  it('has types for pages that need no types of Node', async () => {
    await writeFile(
      join(folder, 'page.ts'),
      `
      import { type Matrix, openRows, type OpenRowsOptions, readTexts, RowFile, topK } from 'allpairs';
      const options: OpenRowsOptions = { column: 'embedding', memoryBudget: 2 ** 28 };
      const rows: RowFile = await openRows(new File([], 'a.npy'), options);
      const all: Matrix = await rows.toMatrix();
      const names: string[] = await readTexts(new Blob([]), 'title');
      await topK(rows, { k: 3 });
      // @ts-expect-error: pages have no paths
      await openRows('a.npy');
      export { all, names };
      `,
    );
    const flags = ['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022'];
    const page = ['--customConditions', 'browser', '--lib', 'es2024,dom', 'page.ts'];
    await exec(join(ROOT, 'node_modules/.bin/tsc'), ['--ignoreConfig', ...flags, ...page], { cwd: folder }).catch(
      (error: { stdout: string }) => {
        throw new Error(error.stdout);
      },
    );
  });

  it('has types that follow the dtype', async () => {
    await writeFile(
      join(folder, 'use.ts'),
      `
      import { cosineSimilarity, cosineSimilaritySync, Matrix, type Options, type ScoreArray } from 'allpairs';
      const rows = [Float32Array.of(1, 2)];
      const wide: Float64Array = cosineSimilaritySync(rows, { dtype: 'float64' }).data;
      const narrow: Promise<Matrix<Float32Array>> = cosineSimilarity(rows, null, { dtype: 'float32' });
      const either: ScoreArray = cosineSimilaritySync([[1, 2]]).data;
      const options: Options = { threads: 2, backend: 'wasm' };
      // @ts-expect-error: no such dtype
      cosineSimilaritySync(rows, { dtype: 'int8' });
      // @ts-expect-error: rows are vectors
      cosineSimilaritySync(['one', 'two']);
      export { wide, narrow, either, options };
      `,
    );
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', 'use.ts'];
    await exec(tsc, ['--ignoreConfig', '--skipLibCheck', 'false', ...flags], { cwd: folder }).catch(
      (error: { stdout: string }) => {
        throw new Error(error.stdout);
      },
    );
  });
});
