// Results as graphs: sparse matrices equal those that scipy makes from the same scores (test/golden), and GraphML is well-formed and
// complete.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Matrix, readNpy, writeNpy } from 'allpairs';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './command.js';

const golden = (name: string) => fileURLToPath(new URL(`../golden/${name}.npz`, import.meta.url));
const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));

let folder: string;
let rows: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-graphs-'));
  rows = join(folder, 'rows.npy');
  const { data, shape } = await readNpy(sentences);
  await writeNpy(rows, new Matrix(Float32Array.from(data.subarray(0, 40 * shape[1])), [40, shape[1]]));
});
afterAll(() => rm(folder, { recursive: true }));

async function output(name: string, ...args: string[]): Promise<string> {
  const path = join(folder, name);
  expect(await run([...args, '-q', '-o', path])).toMatchObject({ code: 0, stderr: '' });
  return path;
}

/** The arrays of a .npz, read by plain loops. */
async function arraysOf(path: string): Promise<Record<string, number[] | string>> {
  const arrays: Record<string, number[] | string> = {};
  for (const [name, bytes] of Object.entries(unzipSync(await readFile(path)))) {
    const start = 10 + (bytes[8] as number) + 256 * (bytes[9] as number);
    const [, type = ''] = /'descr': '[<|](\w+)'/.exec(Buffer.from(bytes.subarray(0, start)).toString('latin1')) ?? [];
    const { buffer } = bytes.slice(start);
    const content =
      type === 'i4'
        ? new Int32Array(buffer)
        : type === 'i8'
          ? Array.from(new BigInt64Array(buffer), Number)
          : type === 'f4'
            ? new Float32Array(buffer)
            : type === 'f8'
              ? new Float64Array(buffer)
              : Buffer.from(buffer).toString('latin1');
    arrays[name.replace('.npy', '')] = typeof content === 'string' ? content : Array.from(content);
  }
  return arrays;
}

describe('.csr.npz', () => {
  it.each<[string, string[]]>([
    ['sentences-graph-pairs', ['pairs', '-t', '0.3']],
    ['sentences-graph-pairs', ['pairs', '--best', '52']],
    ['sentences-graph-pairs-symmetric', ['pairs', '-t', '0.3', '--symmetric']],
    ['sentences-graph-pairs-symmetric', ['pairs', '--best', '52', '--symmetric']],
    ['sentences-graph-topk', ['topk', '-k', '3']],
    ['sentences-graph-topk-symmetric', ['topk', '-k', '3', '--symmetric']],
  ])('is what scipy writes: %s, by %j', async (name, [command = '', ...options]) => {
    const wanted = await arraysOf(golden(name));
    for (const dtype of ['float32', 'float64']) {
      const { data, ...found } = await arraysOf(await output('graph.csr.npz', command, rows, ...options, '--dtype', dtype));
      const { data: scores, ...structure } = wanted;
      expect(found).toEqual(structure);
      expect(structure.format).toBe('csr');
      expect(data).toHaveLength((scores as number[]).length);
      for (const [at, score] of (data as number[]).entries()) expect(score).toBeCloseTo((scores as number[])[at] as number, 6);
    }
  });

  it('has the shape of both inputs, their row numbers, and ids', async () => {
    const x = join(folder, 'x.jsonl');
    const lines = ['{"id":5,"v":[1,2]}', '{"id":6,"v":null}', '{"id":7,"v":[2,1]}'];
    await writeFile(x, lines.join('\n'));
    const y = join(folder, 'y.npy');
    await writeNpy(y, new Matrix(Float32Array.of(2, 1, 1, 2), [2, 2]));
    const found = await arraysOf(
      await output('xy.csr.npz', 'topk', x, '--against', y, '-k', '2', '--ids', 'id', '--nulls', 'skip', '--distance'),
    );
    expect(found).toMatchObject({ indptr: [0, 2, 2, 4], indices: [0, 1, 0, 1], shape: [3, 2], row_ids: [5, 6, 7] });
    expect(found.data).toEqual([expect.closeTo(0.2, 6), 0, 0, expect.closeTo(0.2, 6)]);
  });

  it('is also accepted by merge', async () => {
    const place = join(folder, 'job');
    expect(await run(['plan', rows, '--top-k', '3', '--shards', '2', '-o', place, '-q'])).toMatchObject({ code: 0 });
    for (const index of ['0', '1']) expect((await run(['run-shard', place, '--index', index, '-q'])).code).toBe(0);
    const merged = await output('merged.csr.npz', 'merge', place, '--symmetric');
    const single = await output('single.csr.npz', 'topk', rows, '-k', '3', '--symmetric');
    expect((await readFile(merged)).equals(await readFile(single))).toBe(true);
  });

  it.each<[string, string[], string]>([
    ['--symmetric without it', ['pairs', '-t', '0.3', '--symmetric', '-o', 'graph.npz'], 'ends in .csr.npz'],
    ['--symmetric of two inputs', ['topk', '--symmetric', '--against', sentences, '-o', 'g.csr.npz'], 'leave --symmetric or'],
    ['groups', ['groups', '-t', '0.3', '-o', 'groups.csr.npz'], 'expected a file name that ends in'],
    ['a matrix', ['matrix', '-o', 'scores.csr.npz'], 'expected a file name that ends in'],
  ])('is refused: %s', async (_, [command = '', ...options], message) => {
    expect(await run([command, rows, ...options])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe('.graphml', () => {
  it('has a node for each row and an edge for each pair, and escapes characters for XML', async () => {
    const input = join(folder, 'docs.jsonl');
    const ids = ['<a> & "b"', 'two\r\nlines', 'ü😀'];
    await writeFile(
      input,
      ids.map((id, row) => JSON.stringify({ id, year: 2000 + row, v: [1, row === 2 ? -1 : 2] })).join('\n'),
    );
    const text = await readFile(
      await output('g.graphml', 'pairs', input, '-t', '0.9', '--ids', 'id', '--carry', 'year'),
      'utf8',
    );
    expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="k0" for="node" attr.name="label" attr.type="string"/>
  <key id="k1" for="node" attr.name="year" attr.type="long"/>
  <key id="w" for="edge" attr.name="weight" attr.type="double"/>
  <graph edgedefault="undirected">
    <node id="0"><data key="k0">&lt;a&gt; &amp; &quot;b&quot;</data><data key="k1">2000</data></node>
    <node id="1"><data key="k0">two&#13;\nlines</data><data key="k1">2001</data></node>
    <node id="2"><data key="k0">ü😀</data><data key="k1">2002</data></node>
    <edge source="0" target="1"><data key="w">1</data></edge>
  </graph>
</graphml>
`);
  });

  it('is directed for topk, with nodes for both inputs', async () => {
    const one = join(folder, 'one.npy');
    await writeNpy(one, new Matrix(Float32Array.of(1, 2), [1, 2]));
    const text = await readFile(await output('xy.graphml', 'topk', one, '--against', one, '-k', '1', '--distance'), 'utf8');
    expect(text).toContain('<graph edgedefault="directed">\n    <node id="x0"/>\n    <node id="y0"/>\n');
    expect(text).toContain('attr.name="distance"');
    expect(text).toContain('<edge source="x0" target="y0"><data key="w">0</data></edge>');
  });

  it('is refused for text that XML cannot hold, and leaves nothing behind', async () => {
    const input = join(folder, 'control.jsonl');
    await writeFile(input, '{"id":"a\\u0001","v":[1,2]}\n{"id":"b","v":[1,2]}\n');
    const out = join(folder, 'control.graphml');
    expect(await run(['pairs', input, '-t', '0.9', '--ids', 'id', '-q', '-o', out])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('id of row 0 has the character U+0001, which XML cannot hold'),
    });
    await expect(readFile(out)).rejects.toThrow('ENOENT');
  });
});

describe('--neighbors', () => {
  it('writes a line for each row, with the numbers and distances of its nearest rows', async () => {
    const input = join(folder, 'atlas.jsonl');
    const rows = [
      [1, 2],
      [2, 1],
      [1, 2],
    ];
    await writeFile(input, rows.map((v, row) => JSON.stringify({ id: `id ${row}`, title: `"${row}"`, v })).join('\n'));
    const path = await output('lines.jsonl', 'topk', input, '-k', '2', '--neighbors', '--ids', 'id', '--carry', 'title');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { row: 'id 0', title: '"0"', neighbors: { ids: [2, 1], distances: [0, expect.closeTo(0.2, 6)] } },
      { row: 'id 1', title: '"1"', neighbors: { ids: [0, 2], distances: [expect.closeTo(0.2, 6), expect.closeTo(0.2, 6)] } },
      { row: 'id 2', title: '"2"', neighbors: { ids: [0, 1], distances: [0, expect.closeTo(0.2, 6)] } },
    ]);
  });

  it.each<[string, string[], string]>([
    ['another format', ['-o', 'lines.csv'], 'ends in .jsonl'],
    ['two inputs', ['-o', 'lines.jsonl', '--against', sentences], 'leave --neighbors or --against out'],
    ['rows that are left out', ['-o', 'lines.jsonl', '--nulls', 'skip'], 'use --nulls zero'],
    ['a field that it writes itself', ['-o', 'lines.jsonl', '--carry', 'neighbors'], 'leave the column out'],
  ])('is refused: %s', async (_, options, message) => {
    expect(await run(['topk', rows, '--neighbors', ...options])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});
