// Runs the server from the first line with its address until Ctrl-C.

import { once } from 'node:events';
import process from 'node:process';
import { explain } from '../exit-codes.js';
import { dim, note, print } from '../output.js';
import type { Site, Takers } from './content.js';
import { startServer } from './server.js';

export interface ServingOptions {
  /** 0 means any free port. */
  readonly port: number;
  /** True if a browser is opened, provided that a user is present. */
  readonly open: boolean;
  readonly quiet?: boolean;
}

/** Serves `site` until the user stops it, which is not an error. `takers` answer POST requests. */
export async function serveUntilStopped(
  site: Site,
  takers: Takers,
  { port, open, quiet }: ServingOptions,
  signal: AbortSignal,
): Promise<void> {
  const server = await startServer(site, port, reportOnce(signal), takers);
  print(server.address);
  if (process.stdout.isTTY) {
    if (!quiet) note(dim('Ctrl-C stops it'));
    if (open) openBrowser(server.address);
  }
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
}

/** Reports an error, but not again for every request. */
function reportOnce(signal: AbortSignal): (error: unknown) => void {
  const reported = new Set<string>();
  return (error) => {
    const text = String(error);
    if (signal.aborted || reported.has(text)) return;
    reported.add(text);
    explain(error, signal);
  };
}

/** If there is no browser, the user can still read the address. */
function openBrowser(address: string): void {
  import('open').then(({ default: open }) => open(address)).catch(() => {});
}
