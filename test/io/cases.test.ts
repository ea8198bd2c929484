// Files as other tools write them are read correctly or refused. cases.json states the expected result of each.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '../../src/command-wording.js';
import { AllpairsError, messageIn } from '../../src/errors.js';
import { readNpy } from '../../src/io/rows/npy-file.js';
import { openRows } from '../../src/io/rows/open-rows.js';
import type { OpenRowsOptions } from '../../src/io/rows/open-source.js';
import type { NumericArray } from '../../src/rows/dtype.js';

interface Case {
  readonly file: string;
  /** 'right', 'rows:0,1,2', 'refused' or 'refused-or-right'. */
  readonly want: string;
  readonly kind: string;
  /** Options of the command line: --column, --nulls, --element, --query, --header, --no-header. */
  readonly args?: readonly string[];
  readonly says?: string;
}

interface Matrix {
  readonly data: NumericArray;
  readonly shape: readonly [rows: number, depth: number];
}

const pathOf = (file: string) => fileURLToPath(new URL(`cases/${file}`, import.meta.url));
const CASES: readonly Case[] = JSON.parse(readFileSync(pathOf('cases.json'), 'utf8'));

function optionsOf(args: readonly string[] = []): OpenRowsOptions {
  const options: Record<string, unknown> = {};
  for (let at = 0; at < args.length; at++) {
    const name = (args[at] as string).slice(2);
    if (name === 'header' || name === 'no-header') options.header = name === 'header';
    else options[name] = args[++at];
  }
  return options;
}

/** Returns the rows as float64, or the error as the command line words it. */
async function outcome({ file, args }: Case): Promise<Matrix | string> {
  try {
    const rows = await openRows(pathOf(file), optionsOf(args));
    try {
      return await rows.toMatrix();
    } finally {
      await rows.close();
    }
  } catch (error) {
    if (error instanceof AllpairsError) return messageIn(error, COMMAND_WORDING);
    throw error;
  }
}

function cosines(rows: readonly (readonly number[])[]): number[] {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
  return rows.flatMap((a) => rows.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))));
}

function rowsOf({ data, shape: [count, depth] }: Matrix, scale = 1): number[][] {
  return Array.from({ length: count }, (_, row) =>
    Array.from(data.subarray(row * depth, (row + 1) * depth), (x) => (scale === 1 ? x : Math.round(x * scale))),
  );
}

describe('a file of another tool', () => {
  it.each(CASES.map((each) => [`${each.kind}: ${each.file} ${(each.args ?? []).join(' ')}`, each] as const))(
    '%s',
    async (_, each) => {
      const got = await outcome(each);
      if (each.want === 'refused' || (each.want === 'refused-or-right' && typeof got === 'string')) {
        expect(got).toBeTypeOf('string');
        expect(got).toContain(each.says ?? '');
        return;
      }
      if (typeof got === 'string') throw new Error(got);
      const truth = rowsOf(await readNpy(pathOf('truth.npy')), each.file === 'int64.npy' ? 1000 : 1);
      const wanted = each.want.startsWith('rows:') ? each.want.slice(5).split(',').map(Number) : [...truth.keys()];
      const expected = cosines(wanted.map((row) => truth[row] as number[]));
      const found = cosines(rowsOf(got));
      expect(found.length).toBe(expected.length);
      expect(Math.max(...found.map((score, i) => Math.abs(score - (expected[i] as number))))).toBeLessThan(2e-6);
    },
  );
});
