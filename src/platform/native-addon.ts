// Finds the native addon: in the package, as published or as built in a checkout, or next to the bundle that contains the package.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { ownPath } from './own-path.js';
import { isAllowed } from './permissions.js';

/** The version of the package. The build replaces it; a checkout has none. */
declare const ALLPAIRS_VERSION: string | undefined;

/** A file, and its name in messages. */
interface Place {
  readonly name: string;
  readonly path: string;
}

const MANIFEST = 'package.json';
/** The beginning of the manifest; parsing all of it would create more garbage than a hundred small calls. */
const OWN_MANIFEST = /^\s*\{\s*"name": *"allpairs",\s*"version": *"([^"]+)"/;

const MUSL_LOADERS: Readonly<Record<string, string>> = {
  x64: '/lib/ld-musl-x86_64.so.1',
  arm64: '/lib/ld-musl-aarch64.so.1',
};

const NOT_THERE = 'not there';

const ADVICE =
  "If a bundler packed allpairs, mark it as external (in Next.js: serverExternalPackages: ['allpairs']), " +
  'or copy its folder `prebuilds` next to the bundle';

/** Loads the addon from the first location that has one for this system. Throws an Error with the reason for each location. */
export function loadNativeAddon(): unknown {
  if (!isAllowed({ name: 'ffi' })) throw new Error('Deno loads native addons with --allow-ffi only');
  const reasons: string[] = [];
  for (const { name, path } of places(reasons)) {
    try {
      return loadFile(path);
    } catch (error) {
      reasons.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`no addon for ${process.platform} on ${process.arch} (${reasons.join('; ')})`);
}

/** Node's `require` takes milliseconds to find a module by its path; other runtimes offer no shorter way. */
function loadFile(path: string): unknown {
  const { bun, deno } = process.versions;
  if (bun || deno) return requireFrom(process.cwd())(path);
  if (!existsSync(path)) throw new Error(NOT_THERE);
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

/** Yields locations in order. Adds to `reasons` if the package is missing. */
function* places(reasons: string[]): Generator<Place> {
  const here = ownPath();
  const inPackage = [`prebuilds/${systemName()}/allpairs.node`, 'native/build/Release/allpairs.node'];
  const own = here && (ownPackage(dirname(here)) ?? packageFolder(dirname(here)));
  const bundled = own === undefined || !here?.startsWith(own);
  if (own) for (const path of inPackage) yield { name: path, path: join(own, path) };
  if (!bundled) return;
  // Servers keep node_modules in the folder in which the process started, however deep their bundles are.
  const started = packageFolder(process.cwd());
  if (started && started !== own) for (const path of inPackage) yield { name: path, path: join(started, path) };
  if (!own && !started) reasons.push(`package allpairs ${ALLPAIRS_VERSION}: not found. ${ADVICE}`);
  if (!here) return;
  for (const path of ['allpairs.node', inPackage[0] as string]) {
    yield { name: `${path} next to the bundle`, path: join(dirname(here), path) };
  }
}

/** Returns the folder of the package if it contains `folder`. Node would find the same, but takes milliseconds. */
function ownPackage(folder: string): string | undefined {
  try {
    for (let own = folder; ; own = dirname(own)) {
      const path = `${own}/${MANIFEST}`;
      if (isAllowed({ name: 'read', path }) && existsSync(path)) {
        const version = OWN_MANIFEST.exec(readFileSync(path, 'utf8'))?.[1];
        return version !== undefined && isThisVersion(version) ? own : undefined;
      }
      if (own === dirname(own)) return undefined;
    }
  } catch {
    return undefined;
  }
}

function isThisVersion(version: unknown): boolean {
  return typeof ALLPAIRS_VERSION === 'undefined' || version === ALLPAIRS_VERSION;
}

/** Returns the folder of the package that a module in `folder` resolves to, if it has the version of this code. */
function packageFolder(folder: string): string | undefined {
  try {
    const load = requireFrom(folder);
    const manifest = load.resolve('allpairs/package.json');
    return isThisVersion(load(manifest).version) ? dirname(manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns Node's own `require` for a module in `folder`. Bundlers replace an imported `createRequire` by their own. */
function requireFrom(folder: string): NodeJS.Require {
  return process.getBuiltinModule('node:module').createRequire(join(folder, 'any.js'));
}

function systemName(): string {
  const system = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' ? `${system}-${hasMusl() ? 'musl' : 'gnu'}` : system;
}

/**
 * True if the system's C library is musl. glibc might load a musl addon, and the reverse, and then crash. Detected like detect-libc does.
 */
function hasMusl(): boolean {
  try {
    // Most systems do not have musl's loader, and checking for it is faster than reading a file.
    const loader = MUSL_LOADERS[process.arch];
    if (loader && isAllowed({ name: 'read', path: loader }) && !existsSync(loader)) return false;
    return isAllowed({ name: 'read', path: '/usr/bin/ldd' }) && readFileSync('/usr/bin/ldd', 'utf8').includes('musl');
  } catch {
    return false;
  }
}

/** Omits the list of locations in which Node has looked. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND') return NOT_THERE;
  return (message ?? String(error)).split('\n')[0] as string;
}
