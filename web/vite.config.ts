// The page as it is served (dist/web/index.html), and with `--mode report` in one file (dist/web/report.html), into which the
// command writes the rows.

import { createHash } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the page may do, where no server says it: nothing that leaves it. `script` is where its code comes from. */
const policy = (script: string, style: string) =>
  [
    "default-src 'none'",
    `script-src ${script} 'wasm-unsafe-eval'`,
    "worker-src 'self' blob:",
    `style-src ${style}`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** Puts the policy into the page; a page in one file names its script by hash. */
function contentPolicy(report: boolean): Plugin {
  return {
    name: 'content policy',
    enforce: 'post',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => (report ? html : html.replace('%POLICY%', policy("'self'", "'self'"))),
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
          policy(`'sha256-${createHash('sha256').update(script).digest('base64')}'`, "'unsafe-inline'"),
        );
      },
    },
    async writeBundle() {
      if (report) await rename(fromHere('../build/report/index.html'), fromHere('../dist/web/report.html'));
    },
  };
}

export default defineConfig(({ mode }) => {
  const report = mode === 'report';
  return {
    root: fromHere('.'),
    base: './',
    resolve: {
      alias: {
        allpairs: fromHere('../dist/entry/browser.js'),
        '#start-worker': fromHere(`./src/state/start-worker-${report ? 'inline' : 'file'}.ts`),
      },
    },
    worker: { format: 'es', ...(report && { rolldownOptions: { output: { codeSplitting: false } } }) },
    plugins: [...(report ? [viteSingleFile({ useRecommendedBuildConfig: true })] : []), contentPolicy(report)],
    build: {
      outDir: report ? '../build/report' : '../dist/web',
      emptyOutDir: true,
      target: 'es2022',
      license: { fileName: 'LICENSES.md' },
      ...(report && { assetsInlineLimit: Number.POSITIVE_INFINITY }),
    },
  };
});
