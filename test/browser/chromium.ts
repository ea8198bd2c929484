// The browser that tests run in.

import { existsSync } from 'node:fs';
import process from 'node:process';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why there is none, or undefined. */
export const missing: string | undefined = existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}; set CHROMIUM`;
if (missing && process.env.REQUIRE_BROWSER) throw new Error(`a browser is required: ${missing}`);

/** For the title of what is skipped without one. */
export const skipped: string = missing ? ` (skipped: ${missing})` : '';

/** Without a GPU, and without what would ask the network. */
const ARGUMENTS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** WebGL is computed by the processor. */
const SOFTWARE_WEBGL = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

export function launchChromium({ webgl = false } = {}): Promise<Browser> {
  const args = [...ARGUMENTS, ...(webgl ? SOFTWARE_WEBGL : ['--disable-gpu'])];
  return chromium.launch({ executablePath: CHROMIUM, args });
}
