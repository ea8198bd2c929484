// Feeds mutated files to a reader and checks its promise: it reads the file or refuses it with one of our errors, and uses no more steps or
// memory than the size of the file justifies. A separate thread ends the process if a reader never returns.

import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { ArgumentError, FormatError, MemoryError, UnsupportedError } from '#src/errors.js';
import { type ByteSource, bytesInMemory } from '#src/io/bytes/byte-source.js';
import { READ_MS } from '../limits.js';
import { randomSource } from '../random.js';
import { fieldMutations, mutate, mutateField, type Random } from './mutate.js';
import type { Work } from './steps.js';
import { changeSeed, type Target } from './targets.js';

/** A mutated file that takes longer is read once more, and its steps are counted. On a slow machine this only happens more often. */
const COUNTED_MILLISECONDS = 1000;
/** Steps that a reader may take for a file of `size` bytes. The files of bombs.ts take at most 6 per byte. */
const mostSteps = (size: number): number => 2 ** 20 + 64 * size;
/** Bytes that a reader may take for a file of `size` bytes. */
const mostBytes = (size: number): number => 64 * 2 ** 20 + 4 * size;

export interface Failure {
  /** The number of the input. With the target's name it produces the same file again. */
  readonly input: number;
  readonly what: string;
}

export interface FuzzReport {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Whether the last input left the library unable to read other files, so that the rest needs another process. */
  readonly ended: boolean;
  readonly slowestMilliseconds: number;
  readonly slowestInput: number;
  /** The growth of memory in use during one input; garbage counts until the next collection. */
  readonly largestBytes: number;
  /** Inputs that took long, if their steps were not counted. */
  readonly slow: readonly number[];
  readonly failures: readonly Failure[];
}

/** A library that a file has left unable to read others. The file itself was refused. */
export class LibraryEnded extends Error {}

/** Returns the file with this number, made by changing bytes of a seed. It is always the same. */
export function inputOf(target: Target, input: number): Uint8Array {
  return mutate(target.seeds, randomOf(target, input));
}

/** Returns the file with this number, made by changing fields of the format. It is always the same. */
export function structuredInputOf(target: Target, input: number): Uint8Array {
  return changeSeed(target, input, randomOf(target, input));
}

/** Changes half of the files by their structure, and half by their bytes. */
export function mixedInputOf(target: Target, input: number): Uint8Array {
  const half = Math.floor(input / 2);
  return input % 2 === 0 ? structuredInputOf(target, half) : inputOf(target, half);
}

function randomOf(target: Target, input: number): Random {
  let seed = 2166136261;
  for (const byte of Buffer.from(`${target.name} ${input}`)) seed = Math.imul(seed ^ byte, 16777619);
  const random = randomSource(seed);
  // Nearby seeds produce similar first numbers.
  for (let i = 0; i < 8; i++) random();
  return random;
}

/** Returns how many files `fieldInputOf` makes from the seeds of a target. */
export function countFieldInputs({ seeds }: Target): number {
  return seeds.reduce((sum, seed) => sum + fieldMutations(seed), 0);
}

/** Returns the file with this number among those in which one field of a seed is changed. */
export function fieldInputOf({ seeds }: Target, input: number): Uint8Array {
  let left = input;
  for (const seed of seeds) {
    const count = fieldMutations(seed);
    if (left < count) return mutateField(seed, left);
    left -= count;
  }
  throw new Error(`no input ${input}`);
}

const MAX_SECONDS = 60;

/** Checks that inputs end. A reader in an endless loop blocks everything else on its thread, including timers. */
class Watchdog {
  /** The number of the input. */
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;

  constructor(target: string) {
    const code = `
      const { workerData } = require('node:worker_threads');
      const { beats, target, seconds } = workerData;
      for (;;) {
        const before = Atomics.load(beats, 0);
        Atomics.wait(beats, 0, before, seconds * 1000);
        if (Atomics.load(beats, 0) !== before) continue;
        require('node:fs').writeSync(1, JSON.stringify({ hang: before, target }) + '\\n');
        process.kill(process.pid, 'SIGKILL');
      }`;
    this.#worker = new Worker(code, { eval: true, workerData: { beats: this.#beats, target, seconds: MAX_SECONDS } });
    this.#worker.unref();
  }

  begin(input: number): void {
    Atomics.store(this.#beats, 0, input);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

export interface FuzzOptions {
  /** The default is `inputOf`. */
  readonly makeInput?: (target: Target, input: number) => Uint8Array;
  /** One of every `step` inputs is used. The default is 1. */
  readonly step?: number;
  /**
   * Whether to count the steps of slow inputs, which requires that steps.ts is loaded first. Otherwise they are only listed. The default is
   * true.
   */
  readonly counting?: boolean;
}

/** Runs inputs from number `from` on, and stops after so many failures that more would add nothing. */
export async function fuzzTarget(
  target: Target,
  inputs: number,
  from = 0,
  mostFailures = 20,
  { makeInput = inputOf, step = 1, counting = true }: FuzzOptions = {},
): Promise<FuzzReport> {
  const meter = new MemoryMeter();
  const watchdog = new Watchdog(target.name);
  const failures: Failure[] = [];
  const slow: number[] = [];
  let accepted = 0;
  let done = 0;
  let ended = false;
  let slowest = 0;
  let slowestInput = from;
  const onEscape = (error: unknown) => meter.fail(`escaped: ${describe(error)}`);
  process.on('unhandledRejection', onEscape);
  process.on('uncaughtException', onEscape);
  try {
    for (; done < inputs && failures.length < mostFailures && !ended; done++) {
      const input = from + done * step;
      watchdog.begin(input);
      const bytes = makeInput(target, input);
      const outcome = await runInput(target, bytes, input, meter);
      if (outcome.milliseconds > slowest) {
        slowest = outcome.milliseconds;
        slowestInput = input;
      }
      if (outcome.accepted) accepted += 1;
      ended = outcome.ended;
      let what = outcome.failure;
      if (outcome.milliseconds > COUNTED_MILLISECONDS) {
        if (counting) what ??= await faultWith(target, bytes, input);
        else slow.push(input);
      }
      if (what !== undefined) failures.push({ input, what });
    }
  } finally {
    process.off('unhandledRejection', onEscape);
    process.off('uncaughtException', onEscape);
    await watchdog.end();
  }
  return {
    target: target.name,
    inputs: done,
    accepted,
    rejected: done - accepted - failures.length,
    ended,
    slowestMilliseconds: slowest,
    slowestInput,
    largestBytes: meter.largest,
    slow,
    failures,
  };
}

/** Returns what is wrong with how a reader handles one file, if anything, with its steps counted. */
export async function faultWith(target: Target, bytes: Uint8Array, way = 0): Promise<string | undefined> {
  const meter = new MemoryMeter();
  const { failure, milliseconds } = await runInput(target, bytes, way, meter);
  if (failure !== undefined) return failure;
  if (milliseconds > READ_MS) return `took ${Math.round(milliseconds)} ms`;
  let handedOut = 0;
  const { countWork } = await import('./steps.js');
  const work = await countWork(async () => {
    await target
      .read(bytesInMemory(bytes, 'input'), way, (size) => {
        handedOut += size;
      })
      // The same file was refused before.
      .catch(() => {});
  });
  return excessOf(work, bytes.length, handedOut);
}

/** Each name is decoded once, even if many of them are the same bytes. */
function excessOf({ steps, decodedBytes }: Work, size: number, handedOut: number): string | undefined {
  if (steps > mostSteps(size)) return `took ${steps} steps; ${mostSteps(size)} are allowed`;
  const most = mostBytes(size) + 4 * handedOut;
  return decodedBytes > most ? `decoded ${decodedBytes} bytes of text; ${most} are allowed` : undefined;
}

interface Outcome {
  /** Without any failure. */
  readonly accepted: boolean;
  readonly ended: boolean;
  readonly milliseconds: number;
  readonly failure: string | undefined;
}

async function runInput(target: Target, bytes: Uint8Array, way: number, meter: MemoryMeter): Promise<Outcome> {
  const limit = mostBytes(bytes.length) + (target.reservedBytes ?? 0);
  meter.begin(limit);
  const source = meteredSource(bytesInMemory(bytes, 'input'), meter, limit);
  const clock = new Clock();
  let error: unknown;
  try {
    await target.read(source, way, (blockBytes) => {
      if (blockBytes > limit) meter.fail(`a block of ${blockBytes} bytes`);
      meter.check();
    });
  } catch (thrown) {
    error = thrown;
  }
  meter.sample();
  const milliseconds = clock.milliseconds() - meter.collectingMilliseconds;
  // Unhandled rejections are reported between two turns of the event loop.
  await setImmediate();
  const ended = error instanceof LibraryEnded;
  const refused = ended || [FormatError, ArgumentError, MemoryError, UnsupportedError].some((kind) => error instanceof kind);
  if (error !== undefined && !refused) meter.fail(describe(error));
  return { accepted: error === undefined && meter.fault === undefined, ended, milliseconds, failure: meter.fault };
}

/**
 * At most the processor time since this was created, because other work on the machine is not the reader's. Reading that time takes as long
 * as reading a small file, so it is read rarely, and the wall clock in between.
 */
class Clock {
  static #asked = process.cpuUsage();
  static #askedAt = performance.now();
  readonly #start = performance.now();

  constructor() {
    if (this.#start - Clock.#askedAt < 100) return;
    Clock.#asked = process.cpuUsage();
    Clock.#askedAt = this.#start;
  }

  milliseconds(): number {
    const wall = performance.now() - this.#start;
    if (wall < 100) return wall;
    const { user, system } = process.cpuUsage(Clock.#asked);
    return Math.min(wall, (user + system) / 1000);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Each read checks the memory. The source refuses reads beyond the end. A reader must not ask for fractions of bytes, nor in total for many
 * times the file.
 */
function meteredSource(source: ByteSource, meter: MemoryMeter, limit: number): ByteSource {
  let sum = 0;
  return {
    ...source,
    read(offset, length, into) {
      if (!Number.isInteger(offset) || !Number.isInteger(length)) meter.fail(`read(${offset}, ${length})`);
      else if (length > 0) sum += Math.min(length, source.size);
      if (sum > limit) meter.fail(`read ${sum} bytes of a file of ${source.size}`);
      meter.check();
      return source.read(offset, length, into);
    },
  };
}

/** Garbage allowed before it is collected, so that later growth is visible. */
const MAX_GARBAGE = 32 * 2 ** 20;

/**
 * The growth of memory in use, JavaScript's heap and array buffers together, since the last collection. It is never
 * underestimated. What exceeds the limit at once (a single allocation, or a step between two reads) fails; what exceeds it
 * in steps fails if it remains after a collection.
 *
 * Memory is measured at each read of the file, after each block of rows and at the end, which costs a microsecond. This sees
 * what is held at those moments, and garbage that has not been collected. It cannot see what is allocated and collected
 * between two measurements, what libraries allocate without V8 counting it (zlib's windows, which have a fixed size), or what
 * two inputs hold together.
 */
class MemoryMeter {
  largest = 0;
  /** Returns what went wrong with the input since `begin`. */
  fault: string | undefined;
  collectingMilliseconds = 0;
  #limit = 0;
  #floor = 0;
  #start = 0;
  #last = 0;

  constructor() {
    this.#collect();
  }

  begin(limit: number): void {
    this.#limit = limit;
    this.fault = undefined;
    if (memoryInUse() - this.#floor > MAX_GARBAGE) this.#collect();
    this.#start = memoryInUse();
    this.#last = this.#start;
    this.collectingMilliseconds = 0;
  }

  /** The first fault is reported. */
  fail(what: string): void {
    this.fault ??= what;
  }

  /** Stops a reader that has exceeded the limit. Readers may turn this error into one of their own, so `fault` keeps it. */
  check(): void {
    this.sample();
    if (this.fault !== undefined) throw new Error(this.fault);
  }

  sample(): void {
    const now = memoryInUse();
    const step = now - this.#last;
    this.#last = now;
    this.largest = Math.max(this.largest, now - this.#start);
    if (step > this.#limit) this.fail(`took ${step} bytes at once; ${this.#limit} are allowed`);
    if (now - this.#floor <= this.#limit) return;
    const floor = this.#floor;
    const held = this.#collect() - floor;
    this.#floor = floor;
    if (held > this.#limit) this.fail(`holds ${held} bytes; ${this.#limit} are allowed`);
  }

  #collect(): number {
    const clock = new Clock();
    collectGarbage();
    this.collectingMilliseconds += clock.milliseconds();
    this.#last = memoryInUse();
    this.#start = Math.min(this.#start, this.#last);
    this.#floor = this.#last;
    return this.#last;
  }
}

function memoryInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
