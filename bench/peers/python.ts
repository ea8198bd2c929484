// The other end of peers.py.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's own, where the peers are installed; another may stand first on the path. */
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';

export class PythonPeers {
  private readonly lines: AsyncIterableIterator<string>;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly reader: Interface,
    readonly methods: readonly string[],
    readonly versions: Record<string, string>,
  ) {
    this.lines = reader[Symbol.asyncIterator]();
  }

  /** Starts Python; undefined, with a word on stderr, where that or every rival is missing. */
  static async start(threads: number, task: 'dense' | 'cross' | 'top-k'): Promise<PythonPeers | undefined> {
    const script = fileURLToPath(new URL('peers.py', import.meta.url));
    const child = spawn(PYTHON, [script, String(threads), task], { env: { ...process.env, OMP_NUM_THREADS: String(threads) } });
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    const peers = new PythonPeers(child, createInterface(child.stdout), [], {});
    try {
      const { methods, versions } = (await peers.ask({ methods: true })) as {
        methods: string[];
        versions: Record<string, string>;
      };
      if (methods.length > 0) return new PythonPeers(child, peers.reader, methods, versions);
    } catch {
      // Said below.
    }
    child.kill();
    console.error(`left out: the peers in Python (not found by ${PYTHON}; see bench/peers/README.md)`);
    return undefined;
  }

  async load(data: Float32Array, shape: readonly [number, number]): Promise<void> {
    const path = join(tmpdir(), `allpairs-bench-${process.pid}.f32`);
    await writeFile(path, data);
    await this.ask({ load: path, shape });
  }

  async time(method: string, iterations: number): Promise<number> {
    return ((await this.ask({ time: method, iterations })) as { seconds: number }).seconds;
  }

  async rows(method: string, indices: readonly number[]): Promise<Float32Array> {
    const { scores } = (await this.ask({ rows: method, indices })) as { scores: string };
    const bytes = Buffer.from(scores, 'base64');
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
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
