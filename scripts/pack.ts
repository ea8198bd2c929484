// Packs the package as it is published: only what users load, with a manifest that leaves out what only a checkout can use.
//
//     npm run pack [-- FOLDER]      writes allpairs-VERSION.tgz to FOLDER, or to the current folder
//
// package.json is private, so that `npm publish` does not publish a checkout; publish the tarball.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAGE = join(ROOT, 'build/package');

/** Fields of package.json that only a checkout needs. */
const UNPUBLISHED = ['private', 'scripts', 'imports', 'files', 'devDependencies'];
/** Files that are published unchanged if they exist. */
const WHOLE = ['prebuilds', 'LICENSE'];
/** Files that are published with absolute links to what is not in the package. */
const LINKED = ['README.md', 'CHANGELOG.md'];
const TYPES = 'dist/types';
const TYPE_ENTRIES = ['index.d.ts', 'browser.d.ts'];

/** Packs into `folder`, and returns the path of the tarball and the files in it. */
export function pack(folder: string): { tarball: string; files: readonly { path: string; size: number }[] } {
  stage();
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: STAGE,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  const [{ filename, files }] = JSON.parse(stdout);
  return { tarball: join(folder, filename), files };
}

function stage(): void {
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(STAGE, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const field of UNPUBLISHED) delete manifest[field];
  writeFileSync(join(STAGE, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const isPublished = (path: string) => relative(ROOT, path) !== TYPES;
  cpSync(join(ROOT, 'dist'), join(STAGE, 'dist'), { recursive: true, filter: isPublished });
  for (const path of WHOLE) if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(STAGE, path), { recursive: true });
  const repository = manifest.repository.url.replace(/^git\+|\.git$/g, '');
  for (const path of LINKED) {
    writeFileSync(join(STAGE, path), withAbsoluteLinks(readFileSync(join(ROOT, path), 'utf8'), repository));
  }
  stageTypes();
}

/** Replaces links to files that are only in the checkout by links to its repository. */
export function withAbsoluteLinks(markdown: string, repository: string): string {
  return markdown.replace(/(!?)(\[[^\]]*\]\()(?![a-z]+:|#)([^)\s]+)/g, (_, image: string, label: string, path: string) => {
    return `${image}${label}${repository}/${image ? 'raw' : 'blob'}/HEAD/${path}`;
  });
}

/** Copies the declarations that the entries reach, and again for `require`, whose types must be in a CommonJS package. */
function stageTypes(): void {
  const reached = new Map<string, string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    const text = readFileSync(join(ROOT, TYPES, path), 'utf8');
    reached.set(path, text);
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.js['"]/g)) {
      visit(join(dirname(path), `${specifier}.d.ts`));
    }
  };
  for (const entry of TYPE_ENTRIES) visit(entry);
  for (const [path, text] of reached) {
    for (const folder of [TYPES, `${TYPES}/cjs`]) {
      const to = join(STAGE, folder, path);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, withoutGenericArrays(text));
    }
  }
  writeFileSync(join(STAGE, TYPES, 'cjs/package.json'), '{ "type": "commonjs" }\n');
}

/**
 * Typed arrays have a type parameter only since TypeScript 5.7. The return type of `of` is the same type there, and also compiles with
 * earlier versions.
 */
function withoutGenericArrays(text: string): string {
  return text.replace(/\b(\w+\d+(?:Clamped)?Array)<ArrayBuffer>/g, "ReturnType<$1Constructor['of']>");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(pack(resolve(process.argv[2] ?? '.')).tarball);
