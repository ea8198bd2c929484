// The forms in which callers hold rows: accepted forms give the scores of the same rows as arrays, others are refused with advice.

import { ArgumentError, cosineSimilarity, cosineSimilaritySync, groups, histogram, pairs, type Rows, topK } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { fc } from './property.js';

const ROWS = [
  [1, 2, 5],
  [3, 4, 1],
];
const FLAT = ROWS.flat();
const VECTORS = ROWS.map((row) => Float32Array.from(row));

const scoresOf = (x: unknown) => Array.from(cosineSimilaritySync(x as Rows).data);
const WANT = scoresOf(ROWS);

function refusalOf(x: unknown, y?: unknown): string {
  try {
    cosineSimilaritySync(x as Rows, y as Rows);
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
}

async function* later() {
  yield* ROWS;
}

/** The tensors of transformers.js: accessors behind a proxy, and methods named like layout options. */
function tensorOf(dims: number[], data: unknown, type: string) {
  class Tensor {
    readonly size = 0;
    get dims() {
      return dims;
    }
    get data() {
      return data;
    }
    get type() {
      return type;
    }
    stride() {
      return dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
    }
    *[Symbol.iterator]() {}
  }
  return new Proxy(new Tensor(), { get: (target, key) => target[key as keyof Tensor] });
}

describe('rows are accepted', () => {
  it.each<[what: string, x: unknown]>([
    [
      'as a generator',
      (function* () {
        yield* ROWS;
      })(),
    ],
    ['as a Set', new Set(VECTORS)],
    ['as a Map', new Map(ROWS.map((row, i) => [`id ${i}`, row]))],
    ['as an object by id', { b: ROWS[0], a: VECTORS[1] }],
    ['as an object without a prototype', Object.assign(Object.create(null), { b: ROWS[0], a: ROWS[1] })],
    ['as the answer of an embedding service', { object: 'list', data: ROWS.map((embedding, index) => ({ embedding, index })) }],
    ['as its list, by index', ROWS.map((embedding, index) => ({ embedding, index })).reverse()],
    ['as objects without an index', VECTORS.map((embedding) => ({ embedding }))],
    ['as a tensor with a batch of one', tensorOf([1, 2, 3], Float32Array.from(FLAT), 'float32')],
    ['as a tensor with one token a text', tensorOf([2, 1, 3], Float32Array.from(FLAT), 'float32')],
    ['as tensors of one row each', ROWS.map((row) => tensorOf([1, 3], Float32Array.from(row), 'float32'))],
    ['as tensors of one dimension', ROWS.map((row) => tensorOf([3], Float32Array.from(row), 'float32'))],
    ['as a tensor of TensorFlow.js', { dataSync: () => Float32Array.from(FLAT), data: later, shape: [2, 3], dtype: 'float32' }],
    ['as numbers with a shape', { data: FLAT, shape: [2, 3] }],
    ['as a matrix of ml-matrix', { data: VECTORS, rows: 2, columns: 3, to2DArray: () => ROWS }],
    ['as a view of ml-matrix', { matrix: {}, to2DArray: () => ROWS }],
    [
      'as an ndarray over a plain array',
      { data: FLAT, shape: [2, 3], stride: [3, 1], offset: 0, order: [1, 0], dtype: 'array' },
    ],
    ['with strides of NumPy and @stdlib', { data: Float32Array.of(1, 3, 2, 4, 5, 1), shape: [2, 3], strides: [1, 2] }],
    ['in column-major order', { data: Float32Array.of(1, 3, 2, 4, 5, 1), shape: [2, 3], order: 'column-major' }],
    ['in Fortran order', { data: Float32Array.of(1, 3, 2, 4, 5, 1), dims: [2, 3], order: 'F' }],
    ['in Fortran order, as npyjs reports it', { data: Float32Array.of(1, 3, 2, 4, 5, 1), shape: [2, 3], fortranOrder: true }],
    ['backwards', { data: Float32Array.from(FLAT).reverse(), shape: [2, 3], strides: [-3, -1], offset: 5, order: 'row-major' }],
    ['with typed strides', { data: Float32Array.from(FLAT), shape: Int32Array.of(2, 3), strides: Int32Array.of(3, 1) }],
  ])('%s', (_, x) => {
    expect(scoresOf(x)).toEqual(WANT);
  });

  it('in any layout that fits in their buffer, and in no other', () => {
    const layout = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      depth: fc.integer({ min: 1, max: 5 }),
      strides: fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 })),
      offset: fc.integer({ min: 0, max: 40 }),
    });
    const data = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i + 1));
    fc.assert(
      fc.property(layout, ({ rows, depth, strides, offset }) => {
        const at = (i: number, k: number) => offset + i * strides[0] + k * strides[1];
        const list = Array.from({ length: rows }, (_, i) => Array.from({ length: depth }, (_, k) => data[at(i, k)]));
        const x = { data, shape: [rows, depth], strides, offset };
        if (list.flat().includes(undefined)) expect(refusalOf(x)).toContain('offset and stride within the 40 elements');
        else expect(scoresOf(x)).toEqual(scoresOf(list));
      }),
    );
  });

  it('as bits of float16 and bfloat16, decoded by their type', () => {
    const float16 = Uint16Array.of(0x3c00, 0x4000, 0x4500, 0x4200, 0x4400, 0x3c00);
    const bfloat16 = Uint16Array.from(new Uint16Array(Float32Array.from(FLAT).buffer).filter((_, i) => i % 2 === 1));
    for (const shape of [{ shape: [2, 3] }, { dims: [1, 2, 3] }, { shape: [2, 3], strides: [3, 1], offset: 0 }]) {
      expect(scoresOf({ data: float16, type: 'float16', ...shape })).toEqual(WANT);
      expect(scoresOf({ data: float16, dtype: 'float16', ...shape })).toEqual(WANT);
      expect(scoresOf({ data: bfloat16, type: 'bfloat16', ...shape })).toEqual(WANT);
    }
    const transposed = Uint16Array.of(0x3c00, 0x4200, 0x4000, 0x4400, 0x4500, 0x3c00);
    expect(scoresOf({ data: transposed, type: 'float16', shape: [2, 3], order: 'F' })).toEqual(WANT);
    expect(refusalOf({ data: Uint16Array.of(0x7c00, 0), type: 'float16', shape: [1, 2] })).toContain(
      'got Infinity in row 0, column 0',
    );
  });

  it.each([
    [Float32Array, 'float32'],
    [Float32Array, 'float16'],
    [Float64Array, 'float64'],
    [Int8Array, 'int8'],
    [Uint8Array, 'uint8'],
    [Uint8ClampedArray, 'uint8_clamped'],
    [Int16Array, 'int16'],
    [Uint16Array, 'uint16'],
    [Int32Array, 'int32'],
    [Uint32Array, 'uint32'],
  ])('refuses a %o that is declared as %s', (ofElements, type) => {
    const x = { data: ofElements.from(FLAT), shape: [2, 3], type };
    expect(Array.from(cosineSimilaritySync(x, { dtype: 'float32' }).data)).toEqual(WANT);
    expect(refusalOf({ ...x, type: 'string' })).toContain("declares its elements as 'string', but");
  });

  it('in Float16Array, if the runtime has it', () => {
    const { Float16Array: half } = globalThis as unknown as { Float16Array?: Float32ArrayConstructor };
    const rows = half ? ROWS.map((row) => half.from(row)) : VECTORS;
    expect(scoresOf(rows)).toEqual(WANT);
    const data = half ? half.from(FLAT) : Float32Array.from(FLAT);
    expect(scoresOf({ data, shape: [2, 3], type: 'float16' })).toEqual(WANT);
  });

  it('by index if a service responds in another order, as given if responses were joined', () => {
    const objects = (...indexes: number[]) => indexes.map((index, i) => ({ index, embedding: [1, i] }));
    const inOrder = (...firsts: number[]) => scoresOf(firsts.map((i) => [1, i]));
    expect(scoresOf(objects(2, 0, 1))).toEqual(inOrder(1, 2, 0));
    expect(scoresOf(objects(0, 1, 0, 1))).toEqual(inOrder(0, 1, 2, 3));
    expect(scoresOf(objects(3, 7, 9))).toEqual(inOrder(0, 1, 2));
    for (const indexes of [
      [5, 3],
      [1, 0, 0],
      [0, 2, 1, 0],
    ])
      expect(refusalOf(objects(...indexes))).toContain('neither ascends nor numbers');
  });

  it('as one vector, if there is something to compare it with', async () => {
    const single = cosineSimilaritySync([1, 2, 3], [2, 3, 4]);
    expect(single.shape).toEqual([1, 1]);
    expect(single.at(0, 0)).toBeCloseTo(20 / Math.sqrt(14 * 29), 6);
    for (const vector of [ROWS[0], VECTORS[0], { data: FLAT.slice(0, 3), shape: [3] }] as Rows[]) {
      expect((await cosineSimilarity(vector, ROWS)).shape).toEqual([1, 2]);
      expect((await cosineSimilarity(ROWS, vector)).shape).toEqual([2, 1]);
      expect(Array.from((await topK(vector, ROWS, 1)).indices)).toEqual([0]);
      expect((await pairs(vector, ROWS, 0.99)).length).toBe(1);
      expect((await histogram(vector, ROWS)).total).toBe(2);
      for (const call of [
        cosineSimilarity(vector),
        topK(vector, 1),
        pairs(vector, 0.5),
        groups(vector, 0.5),
        histogram(vector),
      ]) {
        await expect(call).rejects.toThrow('`x` is one vector, and there are no other rows to compare it with');
      }
    }
  });
});

describe('a refusal gives advice:', () => {
  const data = Float32Array.from(FLAT);
  it.each<[what: string, x: unknown, says: string]>([
    ['a path', 'x.npy', 'got "x.npy"; to read rows from a file, pass await openRows("x.npy")'],
    ['a file', new Blob([]), 'to read rows from a file, pass await openRows(x)'],
    ['a URL', new URL('file:///x.npy'), 'to read rows from a file, pass await openRows(x)'],
    ['a promise', Promise.resolve(ROWS), 'got a Promise; did you forget await?'],
    ['promises', ROWS.map((row) => Promise.resolve(row)), 'await them: await Promise.all(rows)'],
    ['an asynchronous generator', later(), 'collect its rows first: for await (const row of source) rows.push(row)'],
    ['an ArrayBuffer', new ArrayBuffer(8), 'pass { data: new Float32Array(buffer), shape: [rows, depth] }'],
    ['the wrong object', { embeddings: ROWS }, 'did you mean `x.embeddings`?'],
    ['an embedding in base64', [{ embedding: 'AACAPw==' }], "request floats (encoding_format: 'float'), or decode it: "],
    ['a tensor without dataSync', { data: later, shape: [2, 3] }, '{ data: await tensor.data(), shape: tensor.shape }'],
    ['64-bit integers', { data: BigInt64Array.of(1n, 2n), shape: [1, 2] }, 'Float64Array.from(data, Number)'],
    ['one vector a token', { data: new Float32Array(8), dims: [2, 2, 2] }, "{ pooling: 'mean' } does"],
    ['a row or a column', { data: new Float32Array(8), dims: [1, 8, 1] }, 'may be one row or one column'],
    ['several rows as one', [{ data, dims: [2, 3] }], 'expected one vector as row 0 for `x`, got Object of 2 rows'],
    ['strides in bytes', { data, shape: [2, 3], strides: [12, 4] }, 'these look like bytes: divide them by 4'],
    ['too few strides', { data, shape: [2, 3], strides: [1] }, 'expected a stride of two integers for `x`, got [1]'],
    ['strides of fractions', { data, shape: [2, 3], strides: [1, 0.5] }, 'got [1, 0.5]'],
    ['two strides', { data, shape: [2, 3], strides: [3, 1], stride: [1, 2] }, 'differ; leave one out'],
    ['two shapes', { data, shape: [2, 3], dims: [3, 2] }, '`x.shape` [2, 3] and `x.dims` [3, 2] differ; leave one out'],
    ['two types', { data, shape: [2, 3], type: 'float32', dtype: 'float64' }, 'differ; leave one out'],
    ['two orders', { data, shape: [2, 3], order: 'C', fortranOrder: true }, 'differ; leave one out'],
    ['an unknown order', { data, shape: [2, 3], order: 'K' }, "expected an order of 'row-major' ('C') or 'column-major' ('F')"],
    ['an order without strides', { data, shape: [2, 3], order: [0, 1] }, 'expected an order of '],
    [
      'an order that strides contradict',
      { data, shape: [2, 3], order: 'F', strides: [3, 1] },
      'is declared column-major, but its strides [3, 1]',
    ],
    ['the other order', { data, shape: [2, 3], order: 'C', strides: [1, 2] }, 'is declared row-major, but its strides [1, 2]'],
    [
      'float16 in bytes',
      { data: new Uint8Array(6), shape: [2, 3], type: 'float16' },
      "declares its elements as 'float16', but `x.data` is a Uint8Array",
    ],
    ['int4', { data: new Uint8Array(6), shape: [2, 3], type: 'int4' }, "declares its elements as 'int4'"],
    [
      'another float',
      { data, shape: [2, 3], type: 'float64' },
      "declares its elements as 'float64', but `x.data` is a Float32Array",
    ],
    ['text among numbers', { data: [1, '2'], shape: [1, 2] }, 'expected numbers for `x`, got "2" in `x.data`, element 1'],
    ['text in a vector', [1, '2'], 'expected numbers for `x`, got "2" in element 1'],
    ['half a record', { a: ROWS[0], b: 'text' }, 'expected rows for `x`, got an Object; pass an array of vectors'],
  ])('%s', (_, x, says) => {
    expect(refusalOf(x)).toContain(says);
  });

  it('the bytes of a Buffer are not elements', () => {
    const aligned = Buffer.from(Float32Array.from(FLAT).buffer);
    const unaligned = Buffer.alloc(13).subarray(1);
    for (const [x, says] of [
      [
        [aligned],
        'row 0 of `x` is a Buffer of 24 bytes, not an array of numbers; if it holds float32, pass new Float32Array(buffer.buffer, ',
      ],
      [[unaligned], 'pass new Float32Array(new Uint8Array(buffer).buffer)'],
      [[Buffer.alloc(7)], 'decode it into a Float32Array first'],
      [{ data: aligned, shape: [2, 12] }, '`x.data` is a Buffer of 24 bytes'],
      [new Map([['a', aligned]]), 'row 0 of `x` is a Buffer'],
    ] as const) {
      expect(refusalOf(x)).toContain(says);
    }
    expect(refusalOf(aligned, ROWS)).toContain('`x` is a Buffer of 24 bytes');
    // The code that it suggests works.
    const view = new Float32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
    expect(Array.from(view)).toEqual(FLAT);
    expect(new Float32Array(new Uint8Array(unaligned).buffer).length).toBe(3);
    expect(scoresOf(ROWS.map((row) => Uint8Array.from(row)))).toEqual(WANT);
  });
});

describe('ids', () => {
  const byId = new Map([
    ['b', ROWS[0] as number[]],
    ['a', ROWS[1] as number[]],
  ]);

  it('are returned in results, in the order of the rows', async () => {
    for (const x of [byId, Object.fromEntries(byId), Array.from(byId, ([id, embedding]) => ({ id, embedding }))]) {
      const own = { rowIds: ['b', 'a'], colIds: ['b', 'a'] };
      expect(await cosineSimilarity(x)).toMatchObject(own);
      expect(cosineSimilaritySync(x)).toMatchObject(own);
      expect(await topK(x, 1)).toMatchObject({ indices: Uint32Array.of(1, 0), ...own });
      expect(await pairs(x, -1)).toMatchObject(own);
      expect(await groups(x, -1)).toMatchObject({ rowIds: ['b', 'a'] });
    }
    expect((await topK({ 10: ROWS[0] as number[], 2: ROWS[1] as number[] }, 1)).rowIds).toEqual(['2', '10']);
  });

  it('are those of x or of y, and undefined if rows have none', async () => {
    const matrix = await cosineSimilarity(ROWS, byId);
    expect(matrix.colIds).toEqual(['b', 'a']);
    expect(matrix).not.toHaveProperty('rowIds');
    expect(await topK(byId, ROWS, 1)).not.toHaveProperty('colIds');
    expect(await topK(ROWS, 1)).not.toHaveProperty('rowIds');
    expect((await cosineSimilarity([{ id: 'a', embedding: [1] }, { embedding: [2] }])).rowIds).toBeUndefined();
  });

  it('of vectors by id are accepted as y, unless one is the name of an option', async () => {
    const docs = { first: ROWS[0] as number[], second: ROWS[1] as number[] };
    expect((await cosineSimilarity(ROWS, docs)).colIds).toEqual(['first', 'second']);
    const ambiguous = { k: ROWS[0] as number[], l: ROWS[1] as number[] };
    await expect(topK(ROWS, ambiguous as never)).rejects.toThrow("Unknown option 'l'");
    expect((await topK(ROWS, ambiguous, { k: 1 })).colIds).toEqual(['k', 'l']);
  });
});
