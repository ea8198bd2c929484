// From the first line with the address to Ctrl-C.

import { once } from 'node:events';
import process from 'node:process';
import { explain } from '../exit-codes.js';
import { dim, note, print } from '../output.js';
import type { Site, Takers } from './content.js';
import { startServer } from './server.js';

export interface ServingOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Whether a browser is opened, where a person is there to see it. */
  readonly open: boolean;
  readonly quiet?: boolean;
}

/** Serves `site` until the user stops it, which is how a server ends: no error. `takers` answer what is sent by POST. */
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

/** Says what went wrong, but not again for every request. */
function reportOnce(signal: AbortSignal): (error: unknown) => void {
  const reported = new Set<string>();
  return (error) => {
    const text = String(error);
    if (signal.aborted || reported.has(text)) return;
    reported.add(text);
    explain(error, signal);
  };
}

/** Where there is no browser the address is still there to be read. */
function openBrowser(address: string): void {
  import('open').then(({ default: open }) => open(address)).catch(() => {});
}
