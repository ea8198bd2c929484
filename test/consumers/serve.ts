// Serves what bundlers wrote, with or without the headers that a page needs for threads, and opens it in Chromium.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Report } from './report.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
};
const PATIENCE_MS = 300_000;
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Returns the report of the page in `folder`, served with these headers in addition to those for isolation. */
export async function reportOfFolder(
  browser: Browser,
  folder: string,
  isolated: boolean,
  headers: Record<string, string> = {},
): Promise<Report> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const body = await readFile(file);
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'Content-Type': type, ...(isolated ? ISOLATED : {}), ...headers }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await reportOfPage(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Returns the report of the page at `address`. */
export async function reportOfPage(browser: Browser, address: string): Promise<Report> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  try {
    await page.goto(address);
    // Polled from here, because a policy of the page may forbid code that waits in it.
    const patience = AbortSignal.timeout(PATIENCE_MS);
    let report: (Report & { failed?: string }) | undefined;
    while (!report) {
      if (patience.aborted) throw new Error(`the page has no report: ${problems.join('; ')}`);
      await setTimeout(200);
      report = await page.evaluate('globalThis.report');
    }
    if (report.failed) throw new Error(report.failed);
    return report;
  } finally {
    await page.close();
  }
}
