// Tries the packed package with everything that might use it, and writes docs/consumers.md.
//
//     npm run test:consumers                 all of them; installs some 600 MB of tools into a temporary folder
//     npm run test:consumers -- next deno    those whose names have one of these words
//
// CONSUMERS_FOLDER names a folder that is kept and used again, with the results of earlier runs: the document is written when all
// consumers have one.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { CONSUMERS } from './consumers.js';
import { problemsOf, type Report } from './report.js';
import { Workshop } from './workshop.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = CONSUMERS.filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)));

/** What was found about a consumer. */
interface Result {
  readonly versions: string;
  readonly report?: Report | undefined;
}

let browser: Promise<Browser> | undefined;
const openBrowser = () => {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  return browser;
};

const shop = await Workshop.open(process.env.CONSUMERS_FOLDER && resolve(process.env.CONSUMERS_FOLDER));
const resultsFile = join(shop.folder, 'results.json');
const results: Record<string, Result> = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
let failures = 0;
for (const { name, expected, tools, run } of chosen) {
  delete results[name];
  try {
    const report = await run(shop, openBrowser);
    const problems = expected === 'compiles' || !report ? [] : problemsOf(report, expected);
    if (problems.length > 0) throw new Error(problems.join('; '));
    const versions = await Promise.all(tools.map((tool) => shop.version(tool)));
    results[name] = { versions: versions.join(', '), report };
    console.log(`ok    ${name}`);
  } catch (error) {
    failures++;
    console.log(`FAIL  ${name}\n${(error as Error).message.replace(/^/gm, '      ')}`);
  }
  writeFileSync(resultsFile, JSON.stringify(results));
}
await (await browser)?.close();
await shop.close();
console.log(`${chosen.length - failures} of ${chosen.length} consumers work`);
if (failures > 0) process.exitCode = 1;
const missing = CONSUMERS.filter(({ name }) => !(name in results));
if (missing.length === 0) writeFileSync(join(ROOT, 'docs/consumers.md'), documentOf(results));
else console.log(`docs/consumers.md stays as it is: ${missing.length} consumers have no result`);

function documentOf(all: Record<string, Result>): string {
  const found = CONSUMERS.map(({ name }) => ({ name, ...(all[name] as Result) }));
  const computing = found.flatMap(({ name, versions, report }) => (report ? [[name, versions, ...cells(report)]] : []));
  const compiling = found.filter(({ report }) => !report).map(({ name, versions }) => [name, versions]);
  return `# Bundlers, runtimes and compilers

\`npm run test:consumers\` generates this page. It packs the package, installs it in a project for each tool, and compares 400 and 1,600 rows
of 384 numbers there. Every result is checked against float64 arithmetic.

- **Backend** is the backend that allpairs chose: \`native\` in Node.js, Bun and Deno, \`wasm\` in browsers.
- **Threads** shows whether worker threads computed when the test asked for \`wasm\` (or \`reference\`, where WebAssembly is unavailable). If not,
  it quotes \`runtimeInfo().threadRefusal\`.

${table(['consumer', 'version', 'backend', 'threads'], computing)}

The types compile with \`strict\`, without \`skipLibCheck\` or \`@types/node\`:

${table(['compiler', 'version'], compiling)}
`;
}

function cells({ backend, threads, threadRefusal }: Report): string[] {
  return [backend, threads ? 'yes' : `no: ${threadRefusal}`];
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...body];
  return lines.map((cellsOfLine) => `| ${cellsOfLine.join(' | ')} |`).join('\n');
}
