// The files of which consumers consist, in addition to check.js, which all of them bundle or load.

/** Node, and what is bundled for it. */
export const MAIN = `import { check } from './check.js';
check().then((report) => console.log('ALLPAIRS ' + JSON.stringify(report)));
`;

export const REQUIRE = `const { cosineSimilarity, ArgumentError } = require('allpairs');
if (typeof cosineSimilarity !== 'function' || typeof ArgumentError !== 'function') throw new Error('exports are missing');
import('./check.js').then(({ check }) => check()).then(async (report) => {
  if ((await import('allpairs')).ArgumentError !== ArgumentError) throw new Error('require and import load two copies');
  console.log('ALLPAIRS ' + JSON.stringify(report));
});
`;

/** Pages put the report where the test finds it. */
export const PAGE = `import { check } from './check.js';
check().then(
  (report) => { globalThis.report = report; },
  (error) => { globalThis.report = { failed: String(error && error.stack) }; },
);
`;

export const HTML = (
  script: string,
  head = '',
) => `<!doctype html><html><head><meta charset="utf-8"><title>allpairs</title>${head}
</head><body><script type="module" src="${script}"></script></body></html>
`;

export const ROUTE = `import { check } from '../../../check.js';
export const dynamic = 'force-dynamic';
export async function GET() {
  return Response.json(await check());
}
`;

export const LAYOUT =
  'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }\n';

/** Test runners write the report to a file, because they capture the output. */
const REPORT_FILE = "require('node:fs').writeFileSync('report.json', JSON.stringify(report))";

/** CommonJS cannot load check.js, which is ESM, so the given source does the same. */
export const jestCommonJs = (check: string) => `${check
  .replace(/^import (.*) from 'allpairs';$/m, "const $1 = require('allpairs');")
  .replace('export async function', 'async function')}
const { ArgumentError } = require('allpairs');
test('computes', async () => {
  await expect(cosineSimilarity([[1, Number.NaN]])).rejects.toThrow(ArgumentError);
  const report = await check();
  ${REPORT_FILE};
}, 600000);
`;

export const jestEsm = `import { writeFileSync } from 'node:fs';
import { check } from './check.js';
test('computes', async () => {
  writeFileSync('report.json', JSON.stringify(await check()));
}, 600000);
`;

export const vitest = `import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cosineSimilarity, ArgumentError } from 'allpairs';
import { check } from './check.js';
test('computes', async () => {
  await expect(cosineSimilarity([[1, Number.NaN]])).rejects.toThrow(ArgumentError);
  writeFileSync('report.json', JSON.stringify(await check()));
}, 600000);
`;

/** All kinds of names, so that every declaration is read, written in TypeScript 5.0 and without Node's types. */
export const TYPES = `import {
  AllpairsError, type BackendInfo, type Checkpoint, cosineSimilarity, cosineSimilaritySync, type Groups, groups,
  type Histogram, histogram, Matrix, type Options, openRows, type Pairs, pairs, plan, RowFile, type Rows, runtimeInfo, type ScoreArray,
  StoredRows, streamMatrix, streamPairs, type TopK, topK, type WorkPlan,
} from 'allpairs';
export async function use(rows: Rows, checkpoint: Checkpoint): Promise<ScoreArray> {
  const options: Options = { threads: 2, backend: 'wasm' };
  const wide: Float64Array = (await cosineSimilarity(rows, null, { dtype: 'float64' })).data;
  const narrow: Matrix<Float32Array> = cosineSimilaritySync([Float32Array.of(1, 2)], { dtype: 'float32' });
  const best: TopK = await topK(rows, { k: 3, checkpoint });
  const found: Pairs = await pairs(rows, { threshold: 0.5 });
  const grouped: Groups = await groups(rows, { threshold: 0.5 });
  const counted: Histogram = await histogram(rows);
  for await (const { length } of streamPairs(rows, { threshold: 0.5 })) length.toFixed();
  for await (const { matrix } of streamMatrix(rows, options)) matrix.at(0, 0);
  const planned: WorkPlan = plan.topK(rows, { k: 3 });
  const info: readonly BackendInfo[] = runtimeInfo().backends;
  // @ts-expect-error: there is no such dtype
  cosineSimilaritySync(rows, { dtype: 'int8' });
  if (!(rows instanceof StoredRows)) throw new AllpairsError('ERR_ALLPAIRS_ARGUMENT', String([openRows, RowFile, planned, info, best, found, grouped, counted]));
  return narrow.data.length > wide.length ? narrow.data : wide;
}
`;
