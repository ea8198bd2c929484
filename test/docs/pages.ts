// Serves a folder to Chromium like a bundler's server: bare imports of allpairs resolve to the build for browsers.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { WAIT_MS } from '../limits.js';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Opens `path` of the folder. Every error on it fails the test. */
export async function withFolder(browser: Browser, folder: string, path: string, use: (page: Page) => Promise<void>) {
  const server = createServer(async ({ url = '/' }, response) => {
    const file = normalize(new URL(url, 'http://localhost').pathname);
    try {
      const bytes = await readFile(join(folder, file));
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
      const own = extname(file) === '.js' && !file.startsWith('/node_modules/');
      response.end(
        own ? bytes.toString().replaceAll("from 'allpairs'", "from '/node_modules/allpairs/dist/entry/browser.js'") : bytes,
      );
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.location().url.endsWith('favicon.ico')) problems.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
    await use(page).catch((error) => {
      throw new Error([...problems, error.message].join('\n'));
    });
    expect(problems).toEqual([]);
    await page.close();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
