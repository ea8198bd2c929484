// Starts the computing threads from within the page, for a page in one file.

import ComputeWorker from '../compute/compute-worker.ts?worker&inline';
import MapWorker from '../compute/map-worker.ts?worker&inline';

export function startComputing(): Worker {
  return new ComputeWorker({ name: 'allpairs' });
}

export function startMap(): Worker {
  return new MapWorker({ name: 'map' });
}
