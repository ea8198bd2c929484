// Tools and runtimes that use the package, the setup of each, and what is expected of it.

import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Browser } from 'playwright-core';
import { HTML, jestCommonJs, jestEsm, LAYOUT, MAIN, PAGE, REQUIRE, ROUTE, TYPES, vitest } from './programs.js';
import type { Expected, Report } from './report.js';
import { reportOfFolder, reportOfPage } from './serve.js';
import type { Workshop } from './workshop.js';

export interface Consumer {
  /** The packages whose versions the table shows. */
  readonly tools: readonly string[];
  readonly name: string;
  readonly expected: Expected | 'compiles';
  readonly run: (shop: Workshop, browser: () => Promise<Browser>) => Promise<Report | undefined>;
}

const ALL: Expected = { backend: 'native', threads: true };
const ISOLATED: Expected = { backend: 'wasm', threads: true };
const NOT_ISOLATED: Expected = { backend: 'wasm', threads: false, threadRefusal: /not cross-origin isolated/ };

const MODULE = { 'package.json': '{ "type": "module" }' };
const node = process.execPath;

/** Writes dist/ of a project from page.js. */
type Bundle = (shop: Workshop, folder: string) => Promise<unknown>;

const ESBUILD = ['--bundle', '--format=esm', '--outfile=dist/page.js', '--log-level=warning'];
const ROLLUP = (lines: string) => `import resolve from '@rollup/plugin-node-resolve';
import commonjs from '@rollup/plugin-commonjs';
export default ${lines};
`;
const WEBPACK = (lines: string) => `import webpack from 'webpack';
const stats = await new Promise((resolve, reject) => webpack({ mode: 'production', context: import.meta.dirname ?? process.cwd(), ${lines} },
  (error, result) => (error ? reject(error) : resolve(result))));
if (stats.hasErrors()) throw new Error(stats.toString());
`;

const WEB: Record<string, { tools: string[]; files: Record<string, string>; bundle: Bundle }> = {
  'esbuild, web': {
    tools: ['esbuild'],
    files: { 'dist/index.html': HTML('page.js') },
    bundle: (shop, folder) => shop.run(shop.path('esbuild/bin/esbuild'), ['page.js', ...ESBUILD], folder),
  },
  'esbuild, web, one classic script (--format=iife)': {
    tools: ['esbuild'],
    files: { 'dist/index.html': HTML('page.js') },
    bundle: (shop, folder) =>
      shop.run(
        shop.path('esbuild/bin/esbuild'),
        ['page.js', ...ESBUILD, '--format=iife', '--log-override:empty-import-meta=silent'],
        folder,
      ),
  },
  'Rollup, web': {
    tools: ['rollup'],
    files: {
      'dist/index.html': HTML('page.js'),
      'rollup.config.mjs': ROLLUP(
        "{ input: 'page.js', output: { dir: 'dist' }, plugins: [resolve({ browser: true }), commonjs()] }",
      ),
    },
    bundle: (shop, folder) => shop.tool('rollup/dist/bin/rollup', ['-c', '--silent'], folder),
  },
  'Vite, web': {
    tools: ['vite'],
    files: { 'index.html': HTML('/page.js') },
    bundle: (shop, folder) => shop.tool('vite/bin/vite.js', ['build', '--logLevel', 'warn'], folder),
  },
  'webpack, web': {
    tools: ['webpack'],
    files: { 'dist/index.html': HTML('page.js'), 'build.mjs': WEBPACK("entry: './page.js', output: { filename: 'page.js' }") },
    bundle: (shop, folder) => shop.run(node, ['build.mjs'], folder),
  },
  'Parcel, web': {
    tools: ['parcel'],
    files: { 'index.html': HTML('page.js') },
    bundle: (shop, folder) =>
      shop.tool(
        'parcel/lib/bin.js',
        ['build', 'index.html', '--no-cache', '--public-url', './', '--log-level', 'error'],
        folder,
      ),
  },
  'no bundler, import map': {
    tools: [],
    files: {
      'dist/index.html': HTML(
        'page.js',
        '<script type="importmap">{ "imports": { "allpairs": "/allpairs/dist/entry/browser.js" } }</script>',
      ),
    },
    bundle: async (shop, folder) => {
      await cp(shop.path('allpairs'), join(folder, 'dist/allpairs'), { recursive: true });
      for (const file of ['page.js', 'check.js']) await cp(join(folder, file), join(folder, 'dist', file));
    },
  },
};

function webConsumers(): Consumer[] {
  return Object.entries(WEB).flatMap(([name, { tools, files, bundle }]) =>
    [true, false].map((isolated) => ({
      tools,
      name: `${name}${isolated ? ', cross-origin isolated' : ''}`,
      expected: isolated ? ISOLATED : NOT_ISOLATED,
      run: async (shop: Workshop, browser: () => Promise<Browser>) => {
        const folder = await shop.project(slug(name), { 'page.js': PAGE, ...MODULE, ...files });
        await bundle(shop, folder);
        return reportOfFolder(await browser(), join(folder, 'dist'), isolated);
      },
    })),
  );
}

/** Bundled by esbuild, under a policy, with or without the worker's file where the bundle looks for it. */
function policy(name: string, directives: string, withFile: boolean, expected: Expected): Consumer {
  return {
    tools: ['esbuild'],
    name,
    expected,
    run: async (shop, browser) => {
      const { files, bundle } = WEB['esbuild, web'] as (typeof WEB)[string];
      const folder = await shop.project(slug(name), { 'page.js': PAGE, ...MODULE, ...files });
      await bundle(shop, folder);
      if (withFile) await cp(shop.path('allpairs/dist/backends'), join(folder, 'dist/backends'), { recursive: true });
      return reportOfFolder(await browser(), join(folder, 'dist'), true, { 'Content-Security-Policy': directives });
    },
  };
}

const NO_WASM = { backend: 'reference', refusals: { wasm: /wasm-unsafe-eval/ } };

const POLICIES: Consumer[] = [
  policy("Content-Security-Policy: script-src 'self'", "script-src 'self'", false, {
    ...NO_WASM,
    threads: false,
    threadRefusal: /threads cannot be started here/,
  }),
  policy("Content-Security-Policy: script-src 'self', worker file served", "script-src 'self'", true, {
    ...NO_WASM,
    threads: true,
  }),
  policy(
    "Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
    "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
    false,
    ISOLATED,
  ),
];

const viteServer: Consumer = {
  tools: ['vite'],
  name: 'Vite, development server, cross-origin isolated',
  expected: ISOLATED,
  run: async (shop, browser) => {
    const headers = "{ 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }";
    const folder = await shop.project('vite-server', {
      'page.js': PAGE,
      ...MODULE,
      'index.html': HTML('/page.js'),
      'vite.config.js': `export default { server: { host: '127.0.0.1', headers: ${headers} }, clearScreen: false };\n`,
    });
    return served(shop, ['vite/bin/vite.js'], folder, /(http:\/\/127\.0\.0\.1:\d+\/)/, async (address) =>
      reportOfPage(await browser(), address),
    );
  },
};

function next(bundler: 'Turbopack' | 'webpack', external: boolean): Consumer {
  const config = external ? "serverExternalPackages: ['allpairs']" : '';
  return {
    tools: ['next'],
    name: `Next.js, server route, ${bundler}${external ? ', serverExternalPackages' : ''}`,
    expected: ALL,
    run: async (shop) => {
      const folder = await shop.project(`next-${bundler}-${external}`, {
        ...MODULE,
        'app/layout.js': LAYOUT,
        'app/page.js': 'export default function Page() { return null; }\n',
        'app/api/check/route.js': ROUTE,
        'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(shop.folder)} }, ${config} };\n`,
      });
      const env = { NEXT_TELEMETRY_DISABLED: '1' };
      const flags = bundler === 'webpack' ? ['--webpack'] : ['--turbopack'];
      await shop.tool('next/dist/bin/next', ['build', ...flags], folder, env);
      return served(
        shop,
        ['next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', '0'],
        folder,
        /(http:\/\/127\.0\.0\.1:\d+)/,
        async (address) => {
          const response = await fetch(`${address.replace(/\/$/, '')}/api/check`);
          if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
          return (await response.json()) as Report;
        },
      );
    },
  };
}

/** Starts a server, waits until it has written its address, and ends it after `use`. */
async function served(
  shop: Workshop,
  [program, ...args]: readonly string[],
  folder: string,
  address: RegExp,
  use: (address: string) => Promise<Report>,
): Promise<Report> {
  const server = spawn(node, [shop.path(program as string), ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NEXT_TELEMETRY_DISABLED: '1' },
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    const found = await new Promise<string>((resolve, reject) => {
      let output = '';
      const read = (chunk: Buffer) => {
        output += chunk;
        const [, at] = address.exec(output) ?? [];
        if (at) resolve(at);
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
      void ended.then(() => reject(new Error(`the server ended: ${output}`)));
    });
    return await use(found);
  } finally {
    server.kill();
    await ended;
  }
}

/** Bundled for Node into dist/, and run. */
function bundledForNode(
  name: string,
  tools: string[],
  output: string,
  files: Record<string, string>,
  bundle: Bundle,
  prepare: (folder: string) => Promise<string> = async (folder) => folder,
): Consumer {
  return {
    tools,
    name,
    expected: ALL,
    run: async (shop) => {
      const folder = await shop.project(slug(name), { 'main.js': MAIN, ...MODULE, ...files });
      await bundle(shop, folder);
      const at = await prepare(folder);
      return shop.report(node, [join(at, output)], at);
    },
  };
}

const forNode = (shop: Workshop, folder: string, ...flags: string[]) =>
  shop.run(
    shop.path('esbuild/bin/esbuild'),
    ['main.js', '--bundle', '--platform=node', '--log-level=warning', ...flags],
    folder,
  );

/** Deployed like a function: only the bundle, without node_modules, and the addon next to it. */
async function deployed(shop: Workshop, folder: string, addon: boolean): Promise<string> {
  const away = await mkdtemp(join(tmpdir(), 'allpairs-function-'));
  await cp(join(folder, 'dist'), away, { recursive: true });
  if (addon) await cp(shop.path('allpairs/prebuilds'), join(away, 'prebuilds'), { recursive: true });
  return away;
}

function oneFile(name: string, addon: boolean, expected: Expected): Consumer {
  return {
    tools: ['esbuild'],
    name,
    expected,
    run: async (shop) => {
      const folder = await shop.project(slug(name), { 'main.js': MAIN, ...MODULE });
      await forNode(
        shop,
        folder,
        '--format=cjs',
        '--minify',
        '--outfile=dist/main.cjs',
        '--log-override:empty-import-meta=silent',
      );
      const away = await deployed(shop, folder, addon);
      try {
        return await shop.report(node, [join(away, 'main.cjs')], away);
      } finally {
        await rm(away, { recursive: true });
      }
    },
  };
}

const NODE: Consumer[] = [
  run('Node.js, import', [], ALL, (shop, folder) => shop.report(node, ['main.js'], folder)),
  run('Node.js, require', [], ALL, (shop, folder) => shop.report(node, ['require.cjs'], folder)),
  bundledForNode('esbuild, Node.js, ESM', ['esbuild'], 'dist/main.mjs', {}, (shop, folder) =>
    forNode(shop, folder, '--format=esm', '--outfile=dist/main.mjs'),
  ),
  bundledForNode('esbuild, Node.js, CommonJS', ['esbuild'], 'dist/main.cjs', {}, (shop, folder) =>
    forNode(shop, folder, '--format=cjs', '--outfile=dist/main.cjs', '--log-override:empty-import-meta=silent'),
  ),
  oneFile('esbuild, a single file, as for AWS Lambda', false, {
    backend: 'wasm',
    threads: true,
    refusals: { native: /copy its folder `prebuilds` next to the bundle/ },
  }),
  oneFile('esbuild, one file with prebuilds/ next to it', true, ALL),
  bundledForNode(
    'Rollup, Node.js, ESM',
    ['rollup'],
    'dist/main.js',
    {
      'rollup.config.mjs': ROLLUP(
        "{ input: 'main.js', output: { dir: 'dist' }, external: /^node:/, plugins: [resolve({ preferBuiltins: true }), commonjs()] }",
      ),
    },
    (shop, folder) => shop.tool('rollup/dist/bin/rollup', ['-c', '--silent'], folder),
  ),
  bundledForNode(
    'Rollup, Node.js, CommonJS',
    ['rollup'],
    'dist/main.cjs',
    {
      'rollup.config.mjs': ROLLUP(
        "{ input: 'main.js', output: { dir: 'dist', format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' }, external: /^node:/, plugins: [resolve({ preferBuiltins: true }), commonjs()] }",
      ),
    },
    (shop, folder) => shop.tool('rollup/dist/bin/rollup', ['-c', '--silent'], folder),
  ),
  bundledForNode(
    'webpack, Node.js, CommonJS',
    ['webpack'],
    'dist/main.cjs',
    {
      'build.mjs': WEBPACK("entry: './main.js', target: 'node20', output: { filename: 'main.cjs', chunkFilename: '[id].cjs' }"),
    },
    (shop, folder) => shop.run(node, ['build.mjs'], folder),
  ),
  bundledForNode(
    'webpack, Node.js, ESM',
    ['webpack'],
    'dist/main.mjs',
    {
      'build.mjs': WEBPACK(
        "entry: './main.js', target: 'node20', experiments: { outputModule: true }, output: { filename: 'main.mjs', chunkFilename: '[id].mjs', module: true, chunkFormat: 'module' }",
      ),
    },
    (shop, folder) => shop.run(node, ['build.mjs'], folder),
  ),
  bundledForNode(
    'Vite, Node.js (server build, everything bundled)',
    ['vite'],
    'dist/main.js',
    { 'vite.config.js': 'export default { ssr: { noExternal: true } };\n' },
    (shop, folder) => shop.tool('vite/bin/vite.js', ['build', '--ssr', 'main.js', '--logLevel', 'warn'], folder),
  ),
  bundledForNode(
    'Parcel, Node.js',
    ['parcel'],
    'dist/main.js',
    {
      'package.json':
        '{ "targets": { "main": { "source": "main.js", "distDir": "dist", "context": "node", "engines": { "node": ">=20" }, "includeNodeModules": true, "outputFormat": "commonjs" } }, "main": "dist/main.js", "alias": { "node-sqlite3-wasm": false, "@duckdb/node-api": false, "h5wasm": false, "webgpu": false } }',
    },
    (shop, folder) => shop.tool('parcel/lib/bin.js', ['build', '--no-cache', '--log-level', 'error'], folder),
  ),
];

/** Without a bundler. */
function run(
  name: string,
  tools: string[],
  expected: Expected,
  use: (shop: Workshop, folder: string) => Promise<Report>,
  files: Record<string, string> = {},
): Consumer {
  const all = { 'main.js': MAIN, 'require.cjs': REQUIRE, ...MODULE, ...files };
  return { tools, name, expected, run: async (shop) => use(shop, await shop.project(slug(name), all)) };
}

const bun = (shop: Workshop) =>
  shop.binary(['', '-baseline', '-musl'].map((kind) => `@oven/bun-${process.platform}-${process.arch}${kind}/bin/bun`));
const deno = (shop: Workshop) =>
  shop.binary(['-glibc', ''].map((kind) => `@deno/${process.platform}-${process.arch}${kind}/deno`));

const RUNTIMES: Consumer[] = [
  run('Bun', ['bun'], ALL, (shop, folder) => shop.report(bun(shop), ['main.js'], folder)),
  run('Bun, bundled', ['bun'], ALL, async (shop, folder) => {
    await shop.run(bun(shop), ['build', 'main.js', '--target=bun', '--outdir=dist'], folder);
    return shop.report(bun(shop), ['dist/main.js'], folder);
  }),
  run('Deno, all permissions (-A)', ['deno'], ALL, (shop, folder) => shop.report(deno(shop), ['run', '-A', 'main.js'], folder)),
  run(
    'Deno, no permissions',
    ['deno'],
    { backend: 'wasm', threads: true, refusals: { native: /--allow-ffi/ } },
    (shop, folder) => shop.report(deno(shop), ['run', '--no-prompt', 'main.js'], folder),
  ),
];

const reportFile = async (folder: string): Promise<Report> => JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));

const TEST_RUNNERS: Consumer[] = [
  {
    tools: ['jest'],
    name: 'Jest, CommonJS (its default)',
    expected: ALL,
    run: async (shop) => {
      const folder = await shop.project('jest-commonjs', { 'package.json': '{}' });
      await writeFile(join(folder, 'use.test.js'), jestCommonJs(await readFile(join(folder, 'check.js'), 'utf8')));
      await shop.tool('jest/bin/jest.js', ['--rootDir', '.'], folder);
      return reportFile(folder);
    },
  },
  run(
    'Jest, ESM (--experimental-vm-modules)',
    ['jest'],
    ALL,
    async (shop, folder) => {
      await shop.tool('jest/bin/jest.js', ['--rootDir', '.'], folder, { NODE_OPTIONS: '--experimental-vm-modules' });
      return reportFile(folder);
    },
    { 'package.json': '{ "type": "module", "jest": { "transform": {} } }', 'use.test.js': jestEsm },
  ),
  run(
    'Vitest',
    ['vitest'],
    ALL,
    async (shop, folder) => {
      await shop.tool('vitest/vitest.mjs', ['run', '--root', '.'], folder);
      return reportFile(folder);
    },
    { 'use.test.js': vitest },
  ),
];

/** The module settings of a TypeScript project. In node16, `file` decides between import and require. */
const RESOLUTIONS: Record<string, { compilerOptions: object; file: string; until?: number }> = {
  node: { compilerOptions: { module: 'esnext', moduleResolution: 'node' }, file: 'use.ts', until: 6 },
  'node16, import': { compilerOptions: { module: 'node16', moduleResolution: 'node16' }, file: 'use.mts' },
  'node16, require': { compilerOptions: { module: 'node16', moduleResolution: 'node16' }, file: 'use.cts' },
  bundler: { compilerOptions: { module: 'esnext', moduleResolution: 'bundler' }, file: 'use.ts' },
  'bundler, browser': {
    compilerOptions: { module: 'esnext', moduleResolution: 'bundler', customConditions: ['browser'] },
    file: 'use.ts',
  },
};

function typeScripts(): Consumer[] {
  return ['5.0', '5.4', '5.7', '5.9', '6.0', 'latest'].flatMap((version) =>
    Object.entries(RESOLUTIONS).flatMap(([resolution, { compilerOptions, file, until = Number.POSITIVE_INFINITY }]) => {
      const major = version === 'latest' ? Number.POSITIVE_INFINITY : Number.parseFloat(version);
      // Version 7 no longer has that resolution, and version 6 requires an option that acknowledges this.
      if (major > until) return [];
      const deprecated = until < Number.POSITIVE_INFINITY && major >= 6 ? { ignoreDeprecations: '6.0' } : {};
      return {
        tools: [`typescript-${version}`],
        name: `TypeScript ${version}, moduleResolution ${resolution}`,
        expected: 'compiles' as const,
        run: async (shop: Workshop) => {
          const options = {
            noEmit: true,
            strict: true,
            skipLibCheck: false,
            types: [],
            target: 'es2022',
            lib: ['es2022', 'dom'],
          };
          const config = { compilerOptions: { ...options, ...compilerOptions, ...deprecated }, files: [file] };
          const folder = await shop.project(slug(`typescript ${version} ${resolution}`), {
            [file]: TYPES,
            'tsconfig.json': JSON.stringify(config),
            ...MODULE,
          });
          await shop.tool(`typescript-${version}/bin/tsc`, ['-p', '.'], folder);
          return undefined;
        },
      };
    }),
  );
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
}

export const CONSUMERS: readonly Consumer[] = [
  ...NODE,
  next('Turbopack', false),
  next('webpack', false),
  next('Turbopack', true),
  ...RUNTIMES,
  ...TEST_RUNNERS,
  ...webConsumers(),
  viteServer,
  ...POLICIES,
  ...typeScripts(),
];
