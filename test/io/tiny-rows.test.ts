// Text rows whose numbers are too small for float32, so that they would become zero rows or lose digits.

import { openRows } from 'allpairs';
import { expect, it } from 'vitest';

const REFUSED = 'every number is closer to zero than 1.2e-38, where float32 loses digits; scale the rows up';

async function rowsOf(name: string, text: string): Promise<number[]> {
  const file = await openRows(new File([text], name), { column: 'v' });
  try {
    return Array.from((await file.toMatrix()).data);
  } finally {
    await file.close();
  }
}

it.each([
  ['a.jsonl', '{"v":[1.5,2]}\n{"v":[1e-50,-2e-50]}\n'],
  ['a.jsonl', '{"v":[1.5,2]}\n{"v":"[1e-50,-2e-50]"}\n'],
  ['a.jsonl', '{"v":[1.5,2]}\n{"v":[1e-44,2.3e-44]}\n'],
  ['a.json', '[{"v":[1.5,2]},{"v":[1e-400,0.1e-60]},{"v":[1e-50,2e-50]}]'],
  ['a.csv', 'v\n"[1.5,2]"\n"[1e-50,-2e-50]"\n'],
  ['a.csv', 'v\n"[1.5,2]"\n"[0.000000000000000000000000000000000000000000000000001,0]"\n'],
  ['a.csv', 'v\n"[1.5,2]"\n"[Decimal(\'1e-50\'), Decimal(\'2e-50\')]"\n'],
])('refuses tiny rows: %s %s', async (name, text) => {
  await expect(rowsOf(name, text)).rejects.toThrow(REFUSED);
});

it.each([
  ['a.jsonl', '{"v":[1.5,1e-50]}\n{"v":[0,-0.0]}\n{"v":[0e-400,2e-37]}\n'],
  ['a.csv', 'v\n"[1.5,1e-50]"\n"[0,-0.0]"\n"[0e-400,2e-37]"\n'],
])('reads rows of zeros, and rows with one number that is large enough: %s', async (name, text) => {
  expect(await rowsOf(name, text)).toEqual([1.5, 0, 0, -0, 0, Math.fround(2e-37)]);
});

it.each([
  ['a.jsonl', '{"v":[1.5,2]}\n{"v":[0,-1.401298464324817e-45]}\n'],
  ['a.csv', 'v\n"[1.5,2]"\n"[0,-1.401298464324817e-45]"\n'],
])('reads tiny rows that are float32 numbers with all their digits: %s', async (name, text) => {
  expect(await rowsOf(name, text)).toEqual([1.5, 2, 0, -(2 ** -149)]);
});

it('refuses tiny rows in columns of numbers, quoted ones too', async () => {
  for (const row of ['1e-50,2e-50', '"1e-50","2e-50"']) {
    const file = openRows(new File([`d0,d1\n1.5,2.5\n${row}\n`], 'a.csv')).then((rows) => rows.toMatrix());
    await expect(file).rejects.toThrow(REFUSED);
  }
});
