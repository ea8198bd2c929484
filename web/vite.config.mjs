// Builds the page to be served (dist/web/index.html), and with `--mode report` as one file (dist/web/report.html), into which the
// command writes the rows.

import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { licensesOf } from '../scripts/licenses.mjs';

const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The policy of a page without a server: it may not send anything. `own` is the source of its files, if it has any. */
const policy = (script, style, own) =>
  [
    "default-src 'none'",
    `script-src ${script} 'wasm-unsafe-eval'`,
    `worker-src ${own} blob:`,
    `style-src ${style}`,
    `img-src ${own} data: blob:`,
    `connect-src ${own || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** Inserts the policy into the page; a page in one file identifies its script by hash. */
function contentPolicy(report) {
  return {
    name: 'content policy',
    enforce: 'post',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => (report ? html : html.replace('%POLICY%', policy("'self'", "'self'", "'self'"))),
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const page = bundle['index.html'];
        if (!report || page?.type !== 'asset') return;
        const html = String(page.source);
        const [, script] = /<script type="module"[^>]*>([\s\S]*?)<\/script>/.exec(html) ?? [];
        if (script === undefined) throw new Error('the page has no script of its own');
        page.source = html.replace(
          '%POLICY%',
          policy(`'sha256-${createHash('sha256').update(script).digest('base64')}'`, "'unsafe-inline'", ''),
        );
      },
    },
    async writeBundle() {
      if (report) await rename(fromHere('../build/report/index.html'), fromHere('../dist/web/report.html'));
    },
  };
}

/** Records which files are in the page and in its thread. */
function noteFiles(files) {
  return {
    name: 'note files',
    generateBundle(_, bundle) {
      for (const { moduleIds = [] } of Object.values(bundle)) for (const id of moduleIds) files.add(id);
    },
  };
}

/** Writes the licences of the packages in the page. The library's own bundle has those of its packages next to it. */
function writeLicenses(files) {
  return {
    name: 'write licenses',
    async closeBundle() {
      const own = await licensesOf([...files]);
      const library = await readFile(fromHere('../dist/browser/LICENSES.txt'), 'utf8');
      await writeFile(fromHere('../dist/web/LICENSES.txt'), `${own}\n${library}`);
    },
  };
}

/** Rolldown writes imports of unused functions to a separate file, which a single file cannot contain. The page never calls `textRows`. */
const WITHOUT_TEXTS = {
  name: 'without texts',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('/build-rows.js') ? { id, external: true } : undefined),
};

/** Code shared by parts of the thread is in a separate file, because WebKit runs a worker's entry again if another file imports it. */
const SHARED_APART = { groups: [{ name: 'library', test: /\/dist\/browser\/library\.js$/ }] };

export default defineConfig(({ mode }) => {
  const report = mode === 'report';
  const files = new Set();
  return {
    root: fromHere('.'),
    base: './',
    // The sample data sets.
    publicDir: report ? false : 'public',
    resolve: {
      alias: {
        allpairs: fromHere('../dist/entry/browser.js'),
        '#start-workers': fromHere(`./src/state/start-workers-${report ? 'inline' : 'file'}.ts`),
      },
    },
    // Browsers load no modules in a page that is opened as a file.
    worker: {
      plugins: () => (report ? [WITHOUT_TEXTS] : [noteFiles(files)]),
      ...(report
        ? { format: 'iife', rolldownOptions: { output: { codeSplitting: false } } }
        : { format: 'es', rolldownOptions: { output: { codeSplitting: SHARED_APART } } }),
    },
    plugins: [...(report ? [viteSingleFile()] : [noteFiles(files), writeLicenses(files)]), contentPolicy(report)],
    build: {
      outDir: report ? '../build/report' : '../dist/web',
      emptyOutDir: true,
      target: 'es2022',
      ...(report && { assetsInlineLimit: Number.POSITIVE_INFINITY }),
    },
  };
});
