// The TypeScript side of peers.py.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Candidate } from '../../src/cli/interleaved-timing.js';
import type { RowBlock } from '../methods.js';
import type { BenchRun } from '../section.js';

/** Debian's Python, where the rivals are installed; another one may come first on the path. */
export const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
export const PYTHON_PACKAGES =
  'apt-get install --no-install-recommends python3-torch python3-sklearn python3-faiss libopenblas0-pthread';

export type PythonTask = 'original' | 'dense' | 'cross' | 'top-k';

interface Hello {
  readonly methods: readonly string[];
  readonly missing: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** Seconds of a call in a new process. */
export interface FreshTimes {
  /** The first call after importing what it needs. */
  readonly firstSeconds: number;
  /** The mean of the next calls. */
  readonly seconds: number;
  /** The mean after some thousand calls. */
  readonly warmSeconds: number;
}

export class PythonPeers {
  private readonly lines: AsyncIterableIterator<string>;
  private hello: Hello = { methods: [], missing: {}, versions: {} };

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  get methods(): readonly string[] {
    return this.hello.methods;
  }

  /** Starts Python; undefined if Python or every rival is missing. Missing rivals are listed by name. */
  static async start(run: BenchRun, task: PythonTask, only?: string): Promise<PythonPeers | undefined> {
    const script = fileURLToPath(new URL('peers.py', import.meta.url));
    const args = [script, String(run.threads), task, ...(only ? [only] : [])];
    // Overflow warnings are what the accuracy section measures.
    const env = { ...process.env, OMP_NUM_THREADS: String(run.threads), PYTHONWARNINGS: 'ignore' };
    const child = spawn(PYTHON, args, { env });
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    const peers = new PythonPeers(child);
    try {
      peers.hello = (await peers.ask({ methods: true })) as Hello;
    } catch {
      run.leaveOut('all rivals in Python', `${PYTHON} is missing or has no NumPy`);
    }
    for (const [method, reason] of Object.entries(peers.hello.missing)) run.leaveOut(method, reason);
    Object.assign(run.versions, peers.hello.versions);
    if (peers.methods.length > 0) return peers;
    child.kill();
    return undefined;
  }

  async load({ data, shape }: RowBlock): Promise<void> {
    const path = join(tmpdir(), `allpairs-bench-${process.pid}.f32`);
    await writeFile(path, data);
    await this.ask({ load: path, shape });
    await rm(path);
  }

  async time(method: string, iterations: number): Promise<number> {
    return ((await this.ask({ time: method, iterations })) as { seconds: number }).seconds;
  }

  /** Must be called before any other measurement. */
  async timeFresh(method: string, calls: number, warmUp: number): Promise<FreshTimes> {
    return (await this.ask({ fresh: method, calls, warmUp })) as FreshTimes;
  }

  async rows(method: string, indices: readonly number[]): Promise<Float32Array> {
    const { scores } = (await this.ask({ rows: method, indices })) as { scores: string };
    const bytes = Buffer.from(scores, 'base64');
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }

  /** Peak resident size of the process so far. */
  async peakBytes(): Promise<number> {
    return ((await this.ask({ peak: true })) as { bytes: number }).bytes;
  }

  /** Every available method, ready to be timed; `errorOf` uses the scores of the rows in `indices`. */
  candidates(
    indices: readonly number[],
    errorOf: (scores: Float32Array) => number,
    boundOf: (method: string) => number,
  ): Candidate[] {
    return this.methods.map((method) => ({
      name: method,
      bound: boundOf(method),
      error: async () => errorOf(await this.rows(method, indices)),
      time: (iterations) => this.time(method, iterations),
    }));
  }

  stop(): void {
    this.child.stdin.end();
  }

  private async ask(request: unknown): Promise<unknown> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('Python ended');
    return JSON.parse(value);
  }
}
