// What strangers get: the package packed, installed elsewhere, imported as ESM and by a TypeScript compiler.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const exec = promisify(execFile);

let folder: string;
let packed: { filename: string; files: { path: string }[]; unpackedSize: number };

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
      expect(path).toMatch(/^(dist\/.*\.(js|d\.ts)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/);
    expect(packed.files.map(({ path }) => path)).toContain('dist/engine/worker-node.js');
    expect(packed.unpackedSize).toBeLessThan(700_000);
  });

  it('computes, with threads, where it is imported', async () => {
    const script = `
      import { cosineSimilarity, cosineSimilaritySync } from 'allpairs';
      const x = { data: new Float32Array(1000 * 200).map((_, i) => Math.sin(i)), shape: [1000, 200] };
      const { data } = await cosineSimilarity(x, { threads: 2 });
      const here = cosineSimilaritySync(x).data;
      console.log(data.every((score, i) => score === here[i]), data.buffer instanceof SharedArrayBuffer);
    `;
    await writeFile(join(folder, 'use.js'), script);
    expect((await exec(process.execPath, ['use.js'], { cwd: folder })).stdout).toBe('true true\n');
  });

  it('has a command', async () => {
    const { stdout } = await exec(join(folder, 'node_modules/.bin/allpairs'), ['--version']);
    expect(stdout.trim()).toBe(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version);
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
      // @ts-expect-error: rows are arrays
      cosineSimilaritySync([1, 2]);
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
