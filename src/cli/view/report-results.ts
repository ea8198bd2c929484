// Computes what a report opens with, on a thread that runs the code of the page with the fastest backend.

import { Worker } from 'node:worker_threads';
import type { RowFile } from '../../index.js';

/** Returns the results as the page reads them from a report. */
export async function reportResults(rows: RowFile, nonFinite: 'throw' | 'zero', signal: AbortSignal): Promise<Uint8Array> {
  const { data, shape } = await rows.toMatrix();
  signal.throwIfAborted();
  const thread = new Worker(new URL('../cli/report-thread.js', import.meta.url), {
    execArgv: [],
    workerData: { data, shape, nonFinite },
  });
  const stop = () => void thread.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      thread.on('message', resolve);
      thread.on('error', reject);
      thread.on('exit', (code) => {
        reject(signal.aborted ? signal.reason : new Error(`the thread that computes ended with code ${code}`));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
