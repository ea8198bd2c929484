// Where the code is, to find packages that are installed next to it.

import { fileURLToPath } from 'node:url';

/** Returns the path of this file, or of the bundle that contains it; `import.meta.url` is empty in CommonJS bundles. */
export function ownPath(): string | undefined {
  const url: string | undefined = import.meta.url;
  if (url?.startsWith('file:')) return fileURLToPath(url);
  return typeof __filename === 'string' ? __filename : undefined;
}
