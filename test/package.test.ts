// What strangers get: the package packed, installed elsewhere, imported as ESM and by a TypeScript compiler.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const exec = promisify(execFile);

let folder: string;
let packed: { filename: string; files: { path: string; size: number }[] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-package-'));
  const { stdout } = await exec('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
  packed = JSON.parse(stdout)[0];
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await exec('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', `./${packed.filename}`], {
    cwd: folder,
  });
});
afterAll(() => rm(folder, { recursive: true }));

describe('the packed package', () => {
  it('holds the library, the command and the documents, nothing else', () => {
    for (const { path } of packed.files)
      expect(path).toMatch(
        /^(dist\/.*\.(js|d\.ts)|dist\/web\/.*\.(html|css)|dist\/(lazy|web)\/LICENSES\.txt|prebuilds\/.*\.node|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
      );
    expect(packed.files.map(({ path }) => path)).toContain('dist/engine/worker-node.js');
    // Of what is bundled for browsers.
    for (const path of ['dist/lazy/LICENSES.txt', 'dist/web/LICENSES.txt'])
      expect(packed.files.map((file) => file.path)).toContain(path);
    expect(
      packed.files.filter(({ path }) => !path.startsWith('prebuilds/')).reduce((sum, { size }) => sum + size, 0),
    ).toBeLessThan(3_300_000);
  });

  it('computes, with threads, where it is imported', async () => {
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

    it('without one computes by WebAssembly, and says for each place why', async () => {
      await rm(join(folder, 'node_modules/allpairs/prebuilds'), { recursive: true, force: true });
      const { backend, score, reason, native } = await report();
      expect({ backend, score }).toEqual({ backend: 'wasm', score: 1 });
      expect(reason).toContain(`no addon for ${process.platform} on ${process.arch}`);
      expect(reason).toContain(`prebuilds/${system}/allpairs.node: not there`);
      expect(reason).toContain('native/build/Release/allpairs.node: not there');
      expect(native).toBe(`backend 'native' cannot run here: ${reason}`);
    });

    it('with a broken one too', async () => {
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

  it('has a command', async () => {
    const { stdout } = await exec(join(folder, 'node_modules/.bin/allpairs'), ['--version']);
    expect(stdout.trim()).toBe(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version);
  });

  it('has types for pages, which need none of Node', async () => {
    await writeFile(
      join(folder, 'page.ts'),
      `
      import { type Matrix, openRows, type OpenRowsOptions, ROW_FORMATS, readTexts, RowFile, topK } from 'allpairs';
      const options: OpenRowsOptions = { column: 'embedding', memoryBudget: 2 ** 28 };
      const rows: RowFile = await openRows(new File([], 'a.npy'), options);
      const all: Matrix = await rows.toMatrix();
      const names: string[] = await readTexts(new Blob([]), 'title');
      await topK(rows, { k: 3 });
      // @ts-expect-error: pages have no paths
      await openRows('a.npy');
      export { all, names, ROW_FORMATS };
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
    await exec(tsc, ['--ignoreConfig', ...flags], { cwd: folder }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
  });
});
