// The browser build as it is, in Chromium: with cross-origin isolation (threads) and without.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageReport } from './page.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const missing = existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}; set CHROMIUM`;
if (missing && process.env.REQUIRE_BROWSER) throw new Error(`a browser is required: ${missing}`);

const PAGE = `<!doctype html><title>allpairs</title>
<script type="importmap">{ "imports": { "allpairs": "/dist/entry/browser.js", "#src/": "/build/src/" } }</script>
<script type="module">import { report } from '/test/browser/page.js'; globalThis.report = report;</script>`;

/** Serves dist/ and build/ as built, and test/ with its types removed. */
function startServer(isolated: boolean): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') return response.setHeader('Content-Type', 'text/html').end(PAGE);
    response.setHeader('Content-Type', 'text/javascript');
    try {
      if (!path.startsWith('/test/')) return response.end(await readFile(join(ROOT, path)));
      const source = await readFile(join(ROOT, path.replace(/\.js$/, '.ts')), 'utf8');
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
      return response.end(ts.transpileModule(source, { compilerOptions }).outputText);
    } catch {
      return response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

describe.skipIf(missing)(`in Chromium${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  afterAll(() => browser.close());

  it.each([true, false])('the conformance table passes; cross-origin isolated: %s', async (isolated) => {
    const server = await startServer(isolated);
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on(
        'console',
        (message) => message.type() === 'error' && !message.text().includes('404') && problems.push(message.text()),
      );
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction(() => 'report' in globalThis);
      const got = await page.evaluate(() => (globalThis as unknown as { report(): Promise<PageReport> }).report());
      expect(problems).toEqual([]);
      expect(got.failures).toEqual([]);
      expect(got.isolated).toBe(isolated);
      expect(got.modes.length).toBe(isolated ? 5 : 2);
      expect(got.compared).toBeGreaterThan(got.modes.length * 200);
      expect(got.chosen).toBe('wasm');
      expect(got.threadRefusal === undefined).toBe(isolated);
      expect(got.sharedResult).toBe(isolated);
      expect(got.diagonal).toBe(1);
      await page.close();
    } finally {
      server.close();
    }
  });
});
