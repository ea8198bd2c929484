// How a run may end before its time.

import process from 'node:process';

/** Aborts at the first Ctrl-C or SIGTERM, so that work stops and temporary files go; a second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

/** A reader that has seen enough (`| head`) is no error. */
export function quietWhenPipeCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
