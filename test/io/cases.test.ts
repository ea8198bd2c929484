// Files as other tools write them, and what each must give: the vectors of truth.npy, some of its rows, or a refusal.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMAND_WORDS } from '#src/command-words.js';
import { AllpairsError } from '#src/errors.js';
import { decodeNpy } from '#src/io/npy.js';
import { openRows } from '#src/io/open-rows.js';
import type { OpenRowsOptions } from '#src/io/open-source.js';

interface Case {
  readonly file: string;
  readonly args?: readonly string[];
  /** 'right', 'rows:0,1,...', 'refused' or 'refused-or-right'. */
  readonly want: string;
  readonly kind: string;
  readonly says?: string;
}

const FOLDER = fileURLToPath(new URL('cases/', import.meta.url));
const CASES = JSON.parse(readFileSync(`${FOLDER}cases.json`, 'utf8')) as readonly Case[];
const TOLERANCE = 2e-6;

/** Cosines of all pairs of rows, in float64. */
function cosines(data: ArrayLike<number>, rows: number, depth: number): Float64Array {
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < depth; i++) sum += (data[a * depth + i] as number) * (data[b * depth + i] as number);
    return sum;
  };
  const norms = Float64Array.from({ length: rows }, (_, row) => Math.sqrt(dot(row, row)));
  return Float64Array.from({ length: rows * rows }, (_, at) => {
    const [a, b] = [Math.floor(at / rows), at % rows];
    return dot(a, b) / ((norms[a] as number) * (norms[b] as number));
  });
}

function optionsOf(args: readonly string[] = []): OpenRowsOptions {
  const options: Record<string, unknown> = {};
  for (let i = 0; i < args.length; i += 2) {
    const name = (args[i] as string).slice(2);
    options[name] = name === 'header' ? args[i + 1] === 'true' : args[i + 1];
  }
  return options;
}

async function read({ file, args }: Case): Promise<{ data: ArrayLike<number>; rows: number; depth: number }> {
  const opened = await openRows(`${FOLDER}${file}`, optionsOf(args));
  try {
    const { data, shape } = await opened.toMatrix();
    return { data, rows: shape[0], depth: shape[1] };
  } finally {
    await opened.close();
  }
}

function expectTruth({ data, rows, depth }: Awaited<ReturnType<typeof read>>, want: string): void {
  const truth = decodeNpy(readFileSync(`${FOLDER}truth.npy`));
  const [count, width] = truth.shape;
  const chosen = want.startsWith('rows:') ? want.slice(5).split(',').map(Number) : [...Array(count).keys()];
  const wanted = chosen.flatMap((row) => [...truth.data.subarray(row * width, (row + 1) * width)]);
  // The integers are the thousandfold, rounded.
  const rounded = data instanceof Float64Array && data.every(Number.isInteger);
  const values = rounded ? wanted.map((value) => Math.round(value * 1000)) : wanted;
  expect([rows, depth]).toEqual([chosen.length, width]);
  const expected = cosines(values, rows, depth);
  const got = cosines(data, rows, depth);
  for (let i = 0; i < got.length; i++) expect(Math.abs((got[i] as number) - (expected[i] as number))).toBeLessThan(TOLERANCE);
}

describe('files of other tools', () => {
  it.each(CASES.map((each) => [`${each.file} ${(each.args ?? []).join(' ')}`, each.kind, each] as const))(
    '%s: %s',
    async (_, __, each) => {
      expect(existsSync(`${FOLDER}${each.file.split('/')[0]}`)).toBe(true);
      const outcome = await read(each).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome, each.kind).toBeInstanceOf(AllpairsError);
        const message = (outcome as AllpairsError).messageIn(COMMAND_WORDS);
        expect(each.want, message).toMatch(/^refused/);
        expect(message).toContain(each.says ?? '');
      } else {
        expect(each.want, 'it was read').not.toBe('refused');
        expectTruth(outcome as Awaited<ReturnType<typeof read>>, each.want);
      }
    },
  );
});
