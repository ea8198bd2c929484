// The computing thread from a file beside the page.

export default function startWorker(): Worker {
  return new Worker(new URL('../compute/compute-worker.ts', import.meta.url), { type: 'module', name: 'allpairs' });
}
