// --center, --remove-components, --whiten, and transforms in files; allpairs health.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fitTransform, Matrix, openRows, readNpy, topK, writeNpy } from 'allpairs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomRows } from '../random.js';
import { jsonLines, run } from './command.js';
import { interruptAt } from './hold.js';

const digits = fileURLToPath(new URL('../../examples/data/digits.npy', import.meta.url));
const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-transforms-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function scoresOf(options: object): Promise<number[]> {
  const x = await openRows(digits);
  try {
    return Array.from((await topK(x, { k: 1, ...options })).scores);
  } finally {
    await x.close();
  }
}

const topk = (...args: string[]) => run(['topk', digits, '-k', '1', '--json', '-q', ...args]);
const scores = (found: Awaited<ReturnType<typeof run>>) => jsonLines(found).map(({ score }) => score);

describe('the command line transforms rows', () => {
  it.each([
    [['--center'], { center: true }],
    [['--remove-components', '3'], { removeComponents: 3 }],
    [['--center', '--remove-components', '3'], { removeComponents: 3 }],
  ])('as the library does: %j', async (args, options) => {
    const found = await topk(...args);
    expect([found.code, found.stderr]).toEqual([0, '']);
    expect(scores(found).map(Math.fround)).toEqual(await scoresOf(options));
  });

  it('with a transform that another command has saved, and saves it unchanged', async () => {
    const file = at('saved.json');
    const first = await topk('--remove-components', '2', '--save-transform', file);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect((await readdir(folder)).filter((name) => name.includes('saved'))).toEqual(['saved.json']);
    const again = await topk('--transform', file);
    expect(again.stdout).toEqual(first.stdout);
    const transform = JSON.parse(await readFile(file, 'utf8'));
    expect(transform).toEqual(await fitTransform(await readNpy(digits), { removeComponents: 2 }));
  });

  it.each(['pairs', 'histogram', 'matrix', 'dedupe', 'groups'])('in %s', async (command) => {
    const options: Record<string, string[]> = { pairs: ['-t', '0.9'], dedupe: ['-t', '0.9'], groups: ['-t', '0.9'] };
    const args = [command, digits, ...(options[command] ?? []), '--json', '--memory', '80MB'];
    const [plain, centred] = [await run(args), await run([...args, '--center'])];
    expect([plain.code, centred.code], centred.stderr).toEqual([0, 0]);
    expect(centred.stdout.equals(plain.stdout) && centred.stderr === plain.stderr).toBe(false);
  });

  it('refuses contradictory options, and files that are not transforms', async () => {
    await writeFile(at('other.json'), '{"kind":"matrix"}');
    await writeFile(at('cut.json'), '{"kind":"allp');
    const transform = await fitTransform(
      [
        [1, 2],
        [2, 1],
        [3, 4],
      ],
      { center: true },
    );
    await writeFile(at('narrow.json'), JSON.stringify(transform));
    for (const [args, code, message] of [
      [['--transform', at('other.json')], 3, 'other.json: expected the JSON that --save-transform writes'],
      [['--transform', at('cut.json')], 3, 'cut.json: expected the JSON that --save-transform writes'],
      [['--transform', at('missing.json')], 3, 'no such file'],
      [['--transform', at('narrow.json')], 3, 'expected a transform of rows of length 64'],
      [['--transform', at('narrow.json'), '--center'], 2, 'cannot be used with'],
      [['--save-transform', at('new.json')], 2, '--save-transform needs --center, --remove-components or --whiten'],
      [['--center', '--save-transform', join(folder, 'none', 'new.json')], 2, 'there is no folder'],
      [['--center', '--save-transform', digits], 2, 'that is an input'],
      [['--remove-components', '64'], 3, 'expected fewer than the 64 elements of a row for --remove-components, got 64'],
      [['--remove-components', 'two'], 2, 'Expected a whole number'],
    ] as const) {
      const found = await topk(...args);
      expect(found.stderr).toContain(message);
      expect(found.code, found.stderr).toBe(code);
    }
    expect(await readdir(folder)).not.toContain('new.json');
  });

  it('refuses to plan shards of transformed rows', async () => {
    const found = await run(['plan', digits, '-k', '1', '--center', '--dry-run']);
    expect(found.code).toBe(2);
    expect(found.stderr).toContain("unknown option '--center'");
  });
});

describe('a run with an output', () => {
  it('continues with the same transform, but not with a changed file of that name', async () => {
    const rows = at('rows.npy');
    const { data, shape } = randomRows(6_000, 96, 2);
    await writeNpy(rows, new Matrix(data, shape));
    const file = at('kept.json');
    const json = JSON.stringify(await fitTransform({ data, shape }, { removeComponents: 2 }));
    await writeFile(file, json);
    for (const [name, options] of [
      ['fitted', ['--remove-components', '2']],
      ['read', ['--transform', file]],
    ] as const) {
      const [whole, output] = [at(`${name}-whole.csv`), at(`${name}.csv`)];
      const args = ['topk', rows, '-k', '5', '--save-every', '0', '--threads', '1', ...options, '-q', '-o'];
      expect((await run([...args, whole])).code).toBe(0);
      const stopped = await interruptAt('state', [...args, output]);
      expect(stopped.code).toBe(4);
      const other = await run([...args.filter((word) => !options.includes(word as never)), output]);
      expect([other.code, other.stderr.includes('with other arguments')]).toEqual([2, true]);
      if (name === 'read') {
        await writeFile(file, JSON.stringify(await fitTransform({ data, shape }, { center: true })));
        const changed = await run(['resume', output, '-q']);
        expect([changed.code, changed.stderr]).toEqual([3, expect.stringContaining('kept.json')]);
        await writeFile(file, json);
      }
      expect(await run(['resume', output, '-q'])).toMatchObject({ code: 0, stderr: '' });
      expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
    }
  });
});

describe('allpairs health', () => {
  it('prints each figure with its meaning, and advice in the terms of the command line', async () => {
    const found = await run(['health', sentences], { terminal: true });
    const text = found.stdout.toString();
    expect(found.code, text).toBe(0);
    expect(text).toContain('1,500 rows of 768 elements');
    expect(text).toMatch(/!\S* \S*hubnessSkew\S* 2\.22/);
    expect(text).toContain("A few rows are everyone's neighbour: row 1348 is in 77 lists of neighbours");
    expect(text).toContain('try --remove-components 8');
    expect(text).toMatch(/Look at .*hubnessSkew.* before you rely on these cosines\./);
  });

  it('prints JSON to a pipe, for the transformed rows', async () => {
    const [plain] = jsonLines(await run(['health', digits]));
    const [centred] = jsonLines(await run(['health', digits, '--center', '--json', '--memory', '100MB', '-q']));
    expect(plain).toMatchObject({ rows: 1797, depth: 64, zeroRows: 0, unitNorm: false });
    expect(plain.meanScore).toBeCloseTo(0.688, 3);
    expect(centred.meanScore).toBeCloseTo(0, 3);
    expect(centred.findings).toHaveLength(12);
  });

  it('uses the row numbers of the input for hubs, and accepts NaN', async () => {
    const rows = Array.from({ length: 30 }, (_, row) => `r${row},"[${Math.sin(row)},${Math.cos(3 * row)},1]"`);
    rows.splice(0, 2, 'a,', 'b,"[NaN,1,2]"');
    await writeFile(at('gaps.csv'), `id,v\n${rows.join('\n')}\n`);
    const [found] = jsonLines(await run(['health', at('gaps.csv'), '--nulls', 'skip', '--column', 'v', '-q']));
    expect(found).toMatchObject({ rows: 29, nonFiniteRows: 1 });
    for (const { row } of found.hubs) expect(row).toBeGreaterThan(1);
  });

  it('ends with 3 for invalid rows', async () => {
    expect((await run(['health', at('missing.npy')])).code).toBe(3);
    expect((await run(['health', digits, '--whiten', '--remove-components', '70'])).code).toBe(3);
  });
});
