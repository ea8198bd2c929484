// The workers' code that the library contains as text is generated, so it can be out of date.

import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { workerSource as inBrowsers } from '#src/platform/worker-source-browser.js';
import { workerSource as inNode } from '#src/platform/worker-source-node.js';
import { workerModules } from '../../scripts/build-workers.js';

it('the embedded workers match this source; if not, run `npm run build`', async () => {
  const built = { 'worker-source-browser.ts': inBrowsers, 'worker-source-node.ts': inNode };
  const modules = [...(await workerModules())].map(([path, text]) => [basename(path), text] as const);
  expect(modules.map(([name]) => name).sort()).toEqual(Object.keys(built));
  for (const [name, text] of modules) {
    expect(text.includes(JSON.stringify(built[name as keyof typeof built])), name).toBe(true);
  }
});
