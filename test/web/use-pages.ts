// A browser for the tests of a file, a folder for the files they save, and pages whose errors fail the test that opened them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import { View } from '../cli/view-server.js';
import { WAIT_MS } from '../limits.js';

export interface PageOptions extends BrowserContextOptions {
  /** The part of the address after '#'. */
  readonly state?: string;
  /** Functions that run on the page before its own script. */
  readonly scripts?: readonly (() => void)[];
}

class Pages {
  browser!: Browser;
  folder!: string;
  problems: string[] = [];

  async open(address: string, { state, scripts = [], ...options }: PageOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    for (const script of scripts) await page.addInitScript(script);
    page.on('pageerror', ({ message }) => this.problems.push(message));
    page.on('console', (message) => message.type() === 'error' && this.problems.push(message.text()));
    await page.goto(state === undefined ? address : `${address}#${state}`);
    return page;
  }
}

/** Starts a browser before the tests of the enclosing `describe`; after each test, closes all pages and servers. */
export function usePages(name: string): Pages {
  const pages = new Pages();
  beforeAll(async () => {
    pages.browser = await launchChromium({ webgl: true });
    pages.folder = await mkdtemp(join(tmpdir(), `allpairs-${name}-`));
  });
  afterAll(async () => {
    await pages.browser.close();
    await rm(pages.folder, { recursive: true });
  });
  afterEach(async () => {
    for (const context of pages.browser.contexts()) await context.close();
    await View.stopAll();
    expect(pages.problems.splice(0)).toEqual([]);
  });
  return pages;
}
