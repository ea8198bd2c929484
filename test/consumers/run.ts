// Tries the packed package with everything that might use it, and writes docs/consumers.md.
//
//     npm run test:consumers                 all of them; installs some 600 MB of tools into a temporary folder
//     npm run test:consumers -- next deno    those whose names have one of these words; writes no document
//
// CONSUMERS_FOLDER names a folder that is kept and used again.

import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { CONSUMERS, type Consumer } from './consumers.js';
import { problemsOf, type Report } from './report.js';
import { Workshop } from './workshop.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = CONSUMERS.filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)));

interface Row {
  readonly consumer: Consumer;
  readonly versions: string;
  readonly report: Report | undefined;
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
const rows: Row[] = [];
let failures = 0;
for (const consumer of chosen) {
  const { name, expected, tools } = consumer;
  try {
    const report = await consumer.run(shop, openBrowser);
    const problems = expected === 'compiles' || !report ? [] : problemsOf(report, expected);
    if (problems.length > 0) throw new Error(problems.join('; '));
    const versions = await Promise.all(tools.map((tool) => shop.version(tool)));
    rows.push({ consumer, versions: versions.join(', '), report });
    console.log(`ok    ${name}`);
  } catch (error) {
    failures++;
    console.log(`FAIL  ${name}\n${(error as Error).message.replace(/^/gm, '      ')}`);
  }
}
await (await browser)?.close();
await shop.close();
console.log(`${rows.length} of ${chosen.length} consumers work`);
if (failures > 0) process.exitCode = 1;
else if (words.length === 0) await writeFile(join(ROOT, 'docs/consumers.md'), document(rows));

function document(all: readonly Row[]): string {
  const computing = all.flatMap(({ consumer, versions, report }) =>
    report ? [[consumer.name, versions, ...cells(report)]] : [],
  );
  const compiling = all.filter(({ report }) => !report);
  const typescripts = compiling.map(({ consumer, versions }) => [consumer.name, versions]);
  return `# Bundlers, runtimes and compilers

\`npm run test:consumers\` writes this page. It packs the package, installs it next to each tool, and lets it compare 400 and
1,600 rows of 384 numbers. Every result is compared with float64 arithmetic.

- **Backend** is the one that was chosen: \`native\` in Node.js, Bun and Deno, \`wasm\` in browsers.
- **Threads** says whether worker threads computed when \`backend: 'wasm'\` was asked for. If not, it says why, in the words of
  \`runtimeInfo().threadRefusal\`.

${table(['consumer', 'version', 'backend', 'threads'], computing)}

The types compile with \`strict\`, without \`skipLibCheck\` and without \`@types/node\`:

${table(['compiler', 'version'], typescripts)}
`;
}

function cells({ backend, threads, threadRefusal }: Report): string[] {
  return [backend, threads ? 'yes' : `no: ${threadRefusal}`];
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...body];
  return lines.map((cellsOfLine) => `| ${cellsOfLine.join(' | ')} |`).join('\n');
}
