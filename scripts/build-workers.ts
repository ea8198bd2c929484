// Bundles the worker entries and writes each as text into a module of src/platform/, so that a thread starts without a file and users'
// bundlers need not know about another one.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The entry and bundling options for each module of src/platform/. Node evaluates the text as CommonJS. */
const WORKERS = {
  'worker-source-node.ts': { entry: 'worker-node.ts', platform: 'node', format: 'cjs' },
  'worker-source-browser.ts': { entry: 'worker-browser.ts', platform: 'browser', format: 'iife' },
} as const;

/** Returns the text of every module by its path. */
export async function workerModules(): Promise<Map<string, string>> {
  const modules = Object.entries(WORKERS).map(async ([name, { entry, platform, format }]): Promise<[string, string]> => {
    const { outputFiles } = await build({
      entryPoints: [join(ROOT, 'src/backends/tiled', entry)],
      bundle: true,
      minify: true,
      target: 'es2022',
      platform,
      format,
      write: false,
      logLevel: 'warning',
    });
    const source = JSON.stringify(outputFiles[0]?.text.trim());
    const text = `// Written by scripts/build-workers.ts from src/backends/tiled/${entry}; not for editing.\n\nexport const workerSource: string = ${source};\n`;
    return [join(ROOT, 'src/platform', name), text];
  });
  return new Map(await Promise.all(modules));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await workerModules()) await writeFile(path, text);
}
