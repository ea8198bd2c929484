// Chromium, and a server of pages for it, with cross-origin isolation (threads) and without.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import ts from 'typescript';
import { expect } from 'vitest';
import { WAIT_MS } from '../limits.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why Chromium is unavailable here. */
export const missing = existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}; set CHROMIUM`;
if (missing && process.env.REQUIRE_BROWSER) throw new Error(`a browser is required: ${missing}`);

/** A note for the titles of tests that are skipped without Chromium. */
export const skipped = missing ? ` (skipped: ${missing})` : '';

/** Makes the exports of /test/browser/MODULE.js available to the test. */
const pageOf = (module: string) => `<!doctype html><title>allpairs</title>
<script type="importmap">{ "imports": { "allpairs": "/dist/entry/browser.js", "#src/": "/build/src/" } }</script>
<script type="module">import * as exports from '/test/browser/${module}.js'; Object.assign(globalThis, exports, { loaded: true });</script>`;

/** Serves the built dist/ and build/, test/ with its types removed, and a page for a module of test/browser/. */
function startServer(module: string, isolated: boolean): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') return response.setHeader('Content-Type', 'text/html').end(pageOf(module));
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

/** Without a GPU, and without features that would access the network. */
const ARGUMENTS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** The processor renders WebGL. Pages are composed without it, which takes a quarter less time. */
const SOFTWARE_WEBGL = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-gpu-compositing',
  '--disable-gpu-rasterization',
];

/** The processor also computes WebGPU. */
const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

export function launchChromium({ webgl = false, webgpu = false } = {}): Promise<Browser> {
  const software = [...(webgpu ? SOFTWARE_WEBGPU : []), ...(webgl ? SOFTWARE_WEBGL : [])];
  const args = [...ARGUMENTS, ...(software.length > 0 ? software : ['--disable-gpu'])];
  return chromium.launch({ executablePath: CHROMIUM, args, timeout: WAIT_MS });
}

/** Opens a page with the exports of a module of test/browser/, for `use`. Every error on it fails the test. */
export async function withPage(
  browser: Browser,
  module: string,
  isolated: boolean,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const server = await startServer(module, isolated);
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on(
      'console',
      (message) => message.type() === 'error' && !message.text().includes('404') && problems.push(message.text()),
    );
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'loaded' in globalThis);
    await use(page);
    expect(problems).toEqual([]);
    await page.close();
  } finally {
    server.close();
  }
}
