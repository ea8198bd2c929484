// Where the native addon can be: in the package, as published or as built in a checkout, or next to the file that a bundler
// put the package into.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { isAllowed } from './permissions.js';

/** The version of the package. The build replaces it; a checkout has none. */
declare const ALLPAIRS_VERSION: string | undefined;

/** A file, and how the reason names it. */
interface Place {
  readonly name: string;
  readonly path: string;
}

const ADVICE =
  "If a bundler packed allpairs, mark it as external (in Next.js: serverExternalPackages: ['allpairs']), " +
  'or copy its folder `prebuilds` next to the bundle';

/** The addon from the first place that has one for this system; throws an Error with the reason for each place. */
export function loadNativeAddon(): unknown {
  if (!isAllowed({ name: 'ffi' })) throw new Error('Deno loads native addons with --allow-ffi only');
  const reasons: string[] = [];
  const load = requireFrom(process.cwd());
  for (const { name, path } of places(reasons)) {
    try {
      return load(path);
    } catch (error) {
      reasons.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`no addon for ${process.platform} on ${process.arch} (${reasons.join('; ')})`);
}

/** In order. Adds to `reasons` where the package is missing. */
function* places(reasons: string[]): Generator<Place> {
  const here = ownPath();
  const inPackage = [`prebuilds/${systemName()}/allpairs.node`, 'native/build/Release/allpairs.node'];
  const own = here && packageFolder(dirname(here));
  const bundled = own === undefined || !here?.startsWith(own);
  if (own) for (const path of inPackage) yield { name: path, path: join(own, path) };
  if (!bundled) return;
  // The folder that the process started in is where servers keep node_modules, however deep their bundles lie.
  const started = packageFolder(process.cwd());
  if (started && started !== own) for (const path of inPackage) yield { name: path, path: join(started, path) };
  if (!own && !started) reasons.push(`package allpairs ${ALLPAIRS_VERSION}: not found. ${ADVICE}`);
  if (!here) return;
  for (const path of ['allpairs.node', inPackage[0] as string]) {
    yield { name: `${path} next to the bundle`, path: join(dirname(here), path) };
  }
}

/** The folder of the package as a module in `folder` finds it, if its version is the one of this code. */
function packageFolder(folder: string): string | undefined {
  try {
    const load = requireFrom(folder);
    const manifest = load.resolve('allpairs/package.json');
    const isSame = typeof ALLPAIRS_VERSION === 'undefined' || load(manifest).version === ALLPAIRS_VERSION;
    return isSame ? dirname(manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Node's own `require`, as a module in `folder` has it. Bundlers replace an imported `createRequire` by their own. */
function requireFrom(folder: string): NodeJS.Require {
  return process.getBuiltinModule('node:module').createRequire(join(folder, 'any.js'));
}

/** This file, or the bundle that it is in; `import.meta.url` is empty in bundles of CommonJS. */
function ownPath(): string | undefined {
  const url: string | undefined = import.meta.url;
  if (url?.startsWith('file:')) return fileURLToPath(url);
  return typeof __filename === 'string' ? __filename : undefined;
}

function systemName(): string {
  const system = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' ? `${system}-${hasMusl() ? 'musl' : 'gnu'}` : system;
}

/** Whether the system's C library is musl: each might load what was built for the other, and then crash. As detect-libc asks. */
function hasMusl(): boolean {
  try {
    return isAllowed({ name: 'read', path: '/usr/bin/ldd' }) && readFileSync('/usr/bin/ldd', 'utf8').includes('musl');
  } catch {
    return false;
  }
}

/** Without the stack of places where Node has looked. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND') return 'not there';
  return (message ?? String(error)).split('\n')[0] as string;
}
