// Takes memory away from calls at random moments and reports what they do. They must return the right scores or refuse.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  ArgumentError,
  type BackendName,
  cosineSimilarity,
  groups,
  histogram,
  pairs,
  runtimeInfo,
  type ShapedRows,
  streamMatrix,
  topK,
} from 'allpairs';
import { randomRows, randomSource } from '../random.js';

/** Detaches a buffer, as `postMessage` does with transferred ones. Returns the buffer that owns the memory from now on. */
export function detach(buffer: ArrayBufferLike): ArrayBuffer {
  return structuredClone(buffer, { transfer: [buffer as ArrayBuffer] }) as ArrayBuffer;
}

/** ES2024, which the types of Node 20 lack: the buffer may grow to twice its bytes, or shrink to none. */
export function resizableBuffer(bytes: number): ArrayBuffer {
  return Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: 2 * bytes }]) as ArrayBuffer;
}

export function growableBuffer(bytes: number): SharedArrayBuffer {
  return Reflect.construct(SharedArrayBuffer, [bytes, { maxByteLength: 2 * bytes }]) as SharedArrayBuffer;
}

export function resize(buffer: ArrayBuffer, bytes: number): void {
  (buffer as ArrayBuffer & { resize(bytes: number): void }).resize(bytes);
}

export function grow(buffer: SharedArrayBuffer, bytes: number): void {
  (buffer as SharedArrayBuffer & { grow(bytes: number): void }).grow(bytes);
}

let gc: (() => void) | undefined;

/** Frees what nothing refers to, without `node --expose-gc`. */
export function collectGarbage(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}

/** What happens to an array, and whether its length always shows it. */
const MISUSES = {
  detach: { resizable: false, noticed: true, apply: (array) => void detach(array.buffer) },
  'detach and overwrite': {
    resizable: false,
    noticed: true,
    // The next owner uses it, and must be the only one who writes to it.
    apply: (array) => new Uint8Array(detach(array.buffer)).fill(0xff),
  },
  empty: { resizable: true, noticed: true, apply: (array) => resize(array.buffer as ArrayBuffer, 0) },
  shorten: {
    resizable: true,
    noticed: true,
    apply: (array) => resize(array.buffer as ArrayBuffer, array.buffer.byteLength / 2),
  },
  'shorten and lengthen': {
    resizable: true,
    noticed: false,
    apply: ({ buffer }) => {
      const { byteLength } = buffer;
      resize(buffer as ArrayBuffer, 0);
      resize(buffer as ArrayBuffer, byteLength);
    },
  },
  'detach a resizable one': { resizable: true, noticed: true, apply: (array) => void detach(array.buffer) },
} satisfies Record<string, { resizable: boolean; noticed: boolean; apply: (array: Float32Array) => void }>;

/** Returns the scores of a call in one array. */
type Call = (
  x: ShapedRows,
  options: { backend: BackendName; threads: number; out: Float32Array },
) => Promise<ArrayLike<number>>;

/** The parts of a call, so that memory is taken away in all of its steps, not only in the last one. */
const CALLS: Readonly<Record<string, Call>> = {
  out: async (x, options) => (await cosineSimilarity(x, options)).data,
  'out, in passes': async (x, options) =>
    (await cosineSimilarity(x, { ...options, memoryBudget: budgetFor(options.backend) })).data,
  matrix: async (x, { backend, threads }) => (await cosineSimilarity(x, { backend, threads })).data,
  'the matrix in blocks': async (x, { backend, threads }) => {
    const scores: number[] = [];
    for await (const { matrix } of streamMatrix(x, { backend, threads, blockRows: 256 })) scores.push(matrix.data[5] as number);
    return scores;
  },
  topK: async (x, { backend, threads }) => {
    const { indices, scores } = await topK(x, { backend, threads, k: 5 });
    return [...indices, ...scores];
  },
  'topK, in passes': async (x, { backend, threads }) => {
    const { indices, scores } = await topK(x, { backend, threads, k: 5, memoryBudget: budgetFor(backend) });
    return [...indices, ...scores];
  },
  pairs: async (x, { backend, threads }) => (await pairs(x, { backend, threads, threshold: 0.2 })).scores,
  histogram: async (x, { backend, threads }) => (await histogram(x, { backend, threads })).counts,
  groups: async (x, { backend, threads }) =>
    (await groups(x, { backend, threads, threshold: 0.4 })).groups.flatMap(({ representative, size }) => [
      representative,
      size,
    ]),
};

export interface Outcome {
  readonly calls: number;
  /** The number of refused calls, by argument. */
  readonly refused: Readonly<Record<string, number>>;
  /** Calls that returned the right scores, because they were done before memory was taken away or no longer needed it. */
  readonly right: number;
}

/** Throws if a call does anything else. `report` receives the number of finished calls. */
export async function misuseCalls(calls: number, seed: number, report: (done: number) => void = () => {}): Promise<Outcome> {
  const random = randomSource(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const backends = runtimeInfo().backends.flatMap(({ name, available }) => (available && name !== 'native' ? [name] : []));
  const truths = new Map<string, ArrayLike<number>>();
  const refused: Record<string, number> = {};
  let right = 0;
  for (let done = 0; done < calls; done++) {
    const backend = pick(backends);
    const name = pick(Object.keys(CALLS));
    const call = CALLS[name] as Call;
    const { data, shape } = rowsFor(backend);
    const [rows] = shape;
    const options = { backend, threads: 2 };
    const key = `${backend}, ${name}`;
    if (!truths.has(key)) truths.set(key, await call({ data, shape }, { ...options, out: new Float32Array(rows * rows) }));

    const kind = pick(Object.keys(MISUSES) as (keyof typeof MISUSES)[]);
    const { resizable, noticed, apply } = MISUSES[kind];
    const copy = new Float32Array(resizable ? resizableBuffer(data.byteLength) : new ArrayBuffer(data.byteLength));
    copy.set(data);
    const bytes = 4 * rows * rows;
    // Arrays use different kinds of views.
    const out = resizable ? new Float32Array(resizableBuffer(bytes), 0, rows * rows) : new Float32Array(rows * rows);
    const target = name.startsWith('out') && random() < 0.7 ? out : copy;
    const turns = Math.floor(random() ** 2 * MAX_TURNS);

    let settled = false;
    const outcome = call({ data: copy, shape }, { ...options, out })
      .then(
        (scores) => ({ scores: Array.from(scores) }),
        (error: unknown) => ({ error }),
      )
      .finally(() => {
        settled = true;
      });
    for (let turn = 0; turn < turns && !settled; turn++) await new Promise((resolve) => setImmediate(resolve));
    const inTime = !settled;
    apply(target);
    collectGarbage();
    const { scores, error } = (await outcome) as { scores?: number[]; error?: unknown };
    const what = `call ${done} of seed ${seed} (${key}, ${target === out ? 'out' : 'x'}: ${kind}, after ${turns} turns)`;
    if (error !== undefined) {
      const argument = error instanceof ArgumentError ? error.argument : '';
      // Rows of zeros are rows, too.
      if (!inTime || argument !== (target === out ? 'out' : 'x')) throw new Error(`${what} failed`, { cause: error });
      refused[argument] = (refused[argument] ?? 0) + 1;
    } else if (inTime && target === out && noticed) {
      throw new Error(`${what} was not refused`);
    } else if (noticed || !inTime) {
      const truth = truths.get(key) as ArrayLike<number>;
      const wrong = scores?.findIndex((score, at) => score !== truth[at]);
      if (scores?.length !== truth.length || wrong !== -1) throw new Error(`${what} gave something else at ${wrong}`);
      right++;
    }
    report(done + 1);
  }
  return { calls, refused, right };
}

/** Turns of the event loop; the slowest call here takes more. */
const MAX_TURNS = 60;

/** Too few bytes for all rows at once. */
function budgetFor(backend: BackendName): number {
  return backend === 'reference' ? 100_000 : 1_000_000;
}

/** Enough for threads. */
function rowsFor(backend: BackendName): { data: Float32Array; shape: [number, number] } {
  return backend === 'reference' ? randomRows(260, 24, 80) : randomRows(900, 90, 81);
}
