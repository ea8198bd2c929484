// The computing thread from within the page, for a page in one file.

import ComputeWorker from '../compute/compute-worker.ts?worker&inline';

export default function startWorker(): Worker {
  return new ComputeWorker({ name: 'allpairs' });
}
