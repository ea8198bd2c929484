// Answers what pages ask about many rows: on a thread, so that this one can always serve. Only the thread reads what they ask.

import { Worker } from 'node:worker_threads';
import type { RowFile } from '../../index.js';
import type { Content } from './content.js';
import { joinedShape } from './row-bytes.js';

/** A call of a page, or without a body the end of one. */
interface Asked {
  readonly call: number;
  readonly body?: Uint8Array;
}

/** A part of an answer; without bytes the call was not understood. */
interface Answered {
  readonly call: number;
  readonly bytes: Uint8Array | undefined;
  readonly last: boolean;
}

interface Call {
  take(answered: Answered): void;
  fail(error: Error): void;
}

export class PageComputing {
  private readonly calls = new Map<number, Call>();
  private count = 0;
  private failure: Error | undefined;

  private constructor(private readonly thread: Worker) {
    thread.on('message', (answered: Answered) => this.calls.get(answered.call)?.take(answered));
    thread.on('error', (error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', (code) => this.fail(new Error(`the thread that computes ended with code ${code}`)));
  }

  /** Reads all rows, and those of a second model or a second file if there are any, and gives them to the thread. */
  static async start(
    rows: RowFile,
    { compared, against }: { readonly compared: RowFile | undefined; readonly against: RowFile | undefined },
    nonFinite: 'throw' | 'zero',
  ): Promise<PageComputing> {
    const { data, shape } = await (against ? joinedMatrix([rows, against]) : rows.toMatrix());
    const othersFrom = against ? rows.rows : null;
    const second = compared && (await compared.toMatrix());
    const thread = new Worker(new URL('../cli/page-thread.js', import.meta.url), {
      execArgv: [],
      workerData: { data, shape, nonFinite, othersFrom, compared: second && { data: second.data, shape: second.shape } },
      transferList: [data, ...(second ? [second.data] : [])].map(({ buffer }) => buffer as ArrayBuffer),
    });
    return new PageComputing(thread);
  }

  /** Answers a call while it is computed. Undefined where the call is not understood. `signal` ends it. */
  async answer(body: Uint8Array, signal: AbortSignal): Promise<Content | undefined> {
    const answers = this.ask(body, signal);
    const first = await answers.next();
    if (first.done || first.value === undefined) return undefined;
    const { value } = first;
    return {
      type: 'application/octet-stream',
      size: undefined,
      async *read() {
        yield value;
        for await (const bytes of answers) if (bytes) yield bytes;
      },
    };
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }

  /** The parts of the answer as they come. */
  private async *ask(body: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array | undefined> {
    const call = this.count++;
    const come: Answered[] = [];
    let failure = this.failure;
    let wake = () => {};
    this.calls.set(call, {
      take: (answered) => {
        come.push(answered);
        wake();
      },
      fail: (error) => {
        failure = error;
        wake();
      },
    });
    const end = () => {
      this.thread.postMessage({ call } satisfies Asked);
      wake();
    };
    signal.addEventListener('abort', end, { once: true });
    try {
      this.thread.postMessage({ call, body } satisfies Asked);
      for (;;) {
        const next = come.shift();
        if (next) yield next.bytes;
        if (next?.last || signal.aborted) return;
        if (failure) throw failure;
        if (come.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', end);
      this.calls.delete(call);
    }
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const call of this.calls.values()) call.fail(this.failure);
  }
}

/** The rows of several files, one after another. */
async function joinedMatrix(files: readonly RowFile[]) {
  const { rows, depth, staged } = joinedShape(files);
  const data = new (staged === 'float64' ? Float64Array : Float32Array)(rows * depth);
  let at = 0;
  for (const file of files) {
    const part = await file.toMatrix();
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, shape: [rows, depth] as const };
}
