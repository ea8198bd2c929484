// Files as other tools write them, each of which stands for its kind: what each must give is in cases/cases.json.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { COMMAND_WORDS } from '#src/command-words.js';
import { AllpairsError } from '#src/errors.js';
import { openRows } from '#src/io/open-rows.js';
import type { OpenRowsOptions } from '#src/io/open-source.js';

interface Case {
  readonly file: string;
  /** 'right', 'rows:0,1,...' of truth, 'refused', or 'refused-or-right'. */
  readonly want: string;
  readonly kind: string;
  readonly args?: readonly string[];
  readonly says?: string;
}

const folder = fileURLToPath(new URL('cases/', import.meta.url));
const cases = JSON.parse(readFileSync(`${folder}cases.json`, 'utf8')) as Case[];

function optionsOf(args: readonly string[]): OpenRowsOptions {
  const options: Record<string, unknown> = {};
  for (let i = 0; i < args.length; i++) {
    const name = (args[i] as string).slice(2);
    if (name === 'header' || name === 'no-header') options.header = name === 'header';
    else options[name] = args[++i];
  }
  return options;
}

async function rowsOf(path: string, options: OpenRowsOptions = {}): Promise<number[][]> {
  const file = await openRows(path, options);
  try {
    const { data, shape } = await file.toMatrix();
    return Array.from({ length: shape[0] }, (_, row) => Array.from(data.subarray(row * shape[1], (row + 1) * shape[1])));
  } finally {
    await file.close();
  }
}

function cosines(rows: readonly (readonly number[])[]): number[] {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return rows.flatMap((a) => rows.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))));
}

test.each(cases)('$file: $kind', async ({ file, want, args = [], says }) => {
  const read = rowsOf(folder + file, optionsOf(args));
  if (want.startsWith('refused')) {
    const outcome = await read.then(cosines, (error) => error);
    if (want === 'refused' || !Array.isArray(outcome)) {
      expect(outcome).toBeInstanceOf(AllpairsError);
      expect((outcome as AllpairsError).messageIn(COMMAND_WORDS)).toContain(says ?? '');
      return;
    }
  }
  const truth = await rowsOf(`${folder}truth.npy`);
  const expected = cosines(
    want.startsWith('rows:')
      ? want
          .slice(5)
          .split(',')
          .map((row) => truth[Number(row)] as number[])
      : truth,
  );
  const found = cosines(await read);
  expect(found).toHaveLength(expected.length);
  expect(found.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))), 0)).toBeLessThan(2e-6);
});
