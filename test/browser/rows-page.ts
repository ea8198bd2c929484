// Runs in the page: opens and uses files of rows as pages do.

import * as allpairs from 'allpairs';
import type * as browser from '#src/browser.js';
import { encodeNpyHeader } from '#src/io/rows/npy.js';
import { randomRows } from '../random.js';
import { type Outcome, outcomeOf } from './outcome.js';

// In the page this name is the build for browsers; for TypeScript it is Node's.
const { openRows, plan, readTexts, topK } = allpairs as unknown as typeof browser;

export interface GivenFile {
  readonly name: string;
  /** The bytes in base64. */
  readonly content: string;
  readonly options?: browser.OpenRowsOptions;
}

function fileOf({ name, content }: GivenFile): File {
  return new File([Uint8Array.from(atob(content), (character) => character.charCodeAt(0))], name);
}

export async function openFiles(files: readonly GivenFile[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const file of files) outcomes.push(await outcomeOf(() => openRows(fileOf(file), file.options)));
  return outcomes;
}

export function readFileTexts(file: GivenFile, column: string): Promise<string[]> {
  return readTexts(fileOf(file), column);
}

export interface TopKReport {
  readonly equalFromNpy: boolean;
  readonly equalFromCsv: boolean;
  readonly passes: number;
  readonly name: string;
}

/** Too little for one pass, but enough for any number of cores, because every thread needs its own memory. */
const MEMORY = 1_250_000;
const THREADS = 2;

/** Returns the most similar rows of arrays and of files with the same rows, within a budget that requires several passes. */
export async function compareTopK(): Promise<TopKReport> {
  const x = randomRows(1500, 64);
  const right = await topK(x, { k: 5 });
  const equal = async (blob: Blob, format: string, memoryBudget?: number): Promise<boolean> => {
    const rows = await openRows(blob, { format });
    const { indices, scores } = await topK(rows, { k: 5, threads: THREADS, ...(memoryBudget ? { memoryBudget } : {}) });
    await rows.close();
    return indices.every((index, i) => index === right.indices[i]) && scores.every((score, i) => score === right.scores[i]);
  };
  const lines = Array.from({ length: 1500 }, (_, row) => x.data.subarray(row * 64, row * 64 + 64).join(','));
  const npy = new Blob([encodeNpyHeader('float32', [1500, 64]), x.data as Float32Array<ArrayBuffer>]);
  return {
    equalFromNpy: (await equal(npy, 'npy')) && (await equal(npy, 'npy', MEMORY)),
    equalFromCsv: await equal(new Blob([lines.join('\n')]), 'csv'),
    passes: plan.topK(await openRows(npy), { k: 5, threads: THREADS, memoryBudget: MEMORY }).passes,
    name: (await openRows(npy)).name,
  };
}
