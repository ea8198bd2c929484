// Starts the computing threads from files next to the page.

export function startComputing(): Worker {
  return new Worker(new URL('../compute/compute-worker.ts', import.meta.url), { type: 'module', name: 'allpairs' });
}

export function startMap(): Worker {
  return new Worker(new URL('../compute/map-worker.ts', import.meta.url), { type: 'module', name: 'map' });
}
