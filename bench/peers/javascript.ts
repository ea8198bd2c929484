// The JavaScript rivals, each used as its documentation suggests. Rows are in the rival's own form before the clock starts, and the
// whole matrix is in JavaScript's memory when it stops.

import type { RowBlock } from '../methods.js';
import type { BenchRun } from '../section.js';
import { importPeer } from './import-peer.js';
import { cosineModel } from './onnx-model.js';

type Scores = Float32Array | Float64Array;

export interface JavaScriptRival {
  readonly name: string;
  /** More rows take too long to wait for. */
  readonly mostRows: number;
  readonly prepare: (x: RowBlock) => Promise<{ readonly run: () => Scores | Promise<Scores>; readonly end?: () => void }>;
}

/** All rivals that are installed. */
export async function javaScriptRivals(run: BenchRun): Promise<JavaScriptRival[]> {
  const rivals = [];
  for (const load of [onnxRuntime, jaxJs, tensorFlow, simsimd, mlDistance, mathJs]) {
    const rival = await load(run);
    if (rival) rivals.push(rival);
  }
  return rivals;
}

interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<{ run(feeds: object): Promise<{ s: { data: Float32Array } }> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
}

async function onnxRuntime(run: BenchRun): Promise<JavaScriptRival | undefined> {
  const ort = await importPeer<OnnxRuntime>(run, 'onnxruntime-node');
  if (!ort) return undefined;
  const session = await ort.InferenceSession.create(cosineModel(), { intraOpNumThreads: run.threads, logSeverityLevel: 3 });
  return {
    name: 'onnxruntime-node',
    mostRows: 4000,
    prepare: async ({ data, shape }) => {
      const x = new ort.Tensor('float32', data as Float32Array, shape);
      return { run: async () => (await session.run({ x })).s.data };
    },
  };
}

/** jax-js consumes an array that an operation uses, unless it is passed as `ref`. */
interface JaxArray {
  readonly ref: JaxArray;
  div(other: JaxArray): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}

interface Jax {
  readonly numpy: {
    array(data: Float32Array, options: { shape: readonly number[] }): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    square(x: JaxArray): JaxArray;
    sum(x: JaxArray, axis: number, options: { keepdims: boolean }): JaxArray;
    transpose(x: JaxArray): JaxArray;
    matmul(x: JaxArray, y: JaxArray): JaxArray;
  };
  init(device: string): Promise<unknown>;
  defaultDevice(device: string): void;
  jit(method: (x: JaxArray) => JaxArray): (x: JaxArray) => JaxArray;
}

async function jaxJs(run: BenchRun): Promise<JavaScriptRival | undefined> {
  const jax = await importPeer<Jax>(run, '@jax-js/jax');
  if (!jax) return undefined;
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const np = jax.numpy;
  const cosine = jax.jit((x) => {
    const unit = x.ref.div(np.sqrt(np.sum(np.square(x), 1, { keepdims: true })));
    return np.matmul(unit.ref, np.transpose(unit));
  });
  return {
    name: 'jax-js, wasm',
    mostRows: 1000,
    prepare: async ({ data, shape }) => {
      const x = np.array(data as Float32Array, { shape });
      return { run: () => cosine(x.ref).data(), end: () => x.dispose() };
    },
  };
}

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor2d(data: Float32Array, shape: readonly number[]): Tensor;
  tidy<T>(run: () => T): T;
  div(x: Tensor, y: Tensor): Tensor;
  norm(x: Tensor, order: 'euclidean', axis: number, keepDims: boolean): Tensor;
  matMul(x: Tensor, y: Tensor, transposeX: boolean, transposeY: boolean): Tensor;
}

async function tensorFlow(run: BenchRun): Promise<JavaScriptRival | undefined> {
  const tf = await importPeer<TensorFlow>(run, '@tensorflow/tfjs-core');
  if (!tf || !(await importPeer(run, '@tensorflow/tfjs-backend-wasm'))) return undefined;
  await tf.setBackend('wasm');
  await tf.ready();
  return {
    name: 'tfjs, wasm',
    mostRows: 1000,
    prepare: async ({ data, shape }) => {
      const x = tf.tensor2d(data as Float32Array, shape);
      const cosine = () => {
        const unit = tf.div(x, tf.norm(x, 'euclidean', 1, true));
        return tf.matMul(unit, unit, false, true).dataSync();
      };
      return { run: () => tf.tidy(cosine), end: () => x.dispose() };
    },
  };
}

async function simsimd(run: BenchRun): Promise<JavaScriptRival | undefined> {
  const peer = await importPeer<{ cosine(a: Float32Array, b: Float32Array): number }>(run, 'simsimd');
  // It returns a distance of two rows; the similarity is 1 minus it.
  return peer && byPairs('simsimd, pair by pair', (a, b) => 1 - peer.cosine(a, b));
}

async function mlDistance(run: BenchRun): Promise<JavaScriptRival | undefined> {
  const peer = await importPeer<{ similarity: { cosine(a: Float32Array, b: Float32Array): number } }>(run, 'ml-distance');
  return peer && byPairs('ml-distance, pair by pair', peer.similarity.cosine);
}

/** All pairs in both orders, as a loop over a function of two rows computes them. */
function byPairs(name: string, similarity: (a: Float32Array, b: Float32Array) => number): JavaScriptRival {
  return {
    name,
    mostRows: 1000,
    prepare: async ({ data, shape: [rows, depth] }) => {
      const list = Array.from({ length: rows }, (_, i) => data.subarray(i * depth, (i + 1) * depth) as Float32Array);
      const run = () => {
        const scores = new Float32Array(rows * rows);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < rows; j++) scores[i * rows + j] = similarity(list[i] as Float32Array, list[j] as Float32Array);
        }
        return scores;
      };
      return { run };
    },
  };
}

interface MathJs {
  norm(x: number[]): number;
  multiply(x: number[][], y: number[][]): number[][];
  transpose(x: number[][]): number[][];
}

async function mathJs(run: BenchRun): Promise<JavaScriptRival | undefined> {
  const math = await importPeer<MathJs>(run, 'mathjs');
  return (
    math && {
      name: 'mathjs',
      mostRows: 100,
      prepare: async ({ data, shape: [rows, depth] }) => {
        const x = Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * depth, (i + 1) * depth)));
        const cosine = () => {
          const unit = x.map((row) => {
            const norm = math.norm(row) || 1;
            return row.map((value) => value / norm);
          });
          return Float64Array.from(math.multiply(unit, math.transpose(unit)).flat());
        };
        return { run: cosine };
      },
    }
  );
}
