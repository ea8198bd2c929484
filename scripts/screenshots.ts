// Takes the pictures in docs/ of the page and of a terminal: npx tsx scripts/screenshots.ts

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const PICTURES = {
  'docs/sentences.png': {
    args: ['sentences.npy', '--labels', 'examples/data/sentences.tsv'],
    state: 'row=250&threshold=0.8&order=clusters&by=language',
  },
  'docs/digits.png': {
    args: ['digits.npy', '--labels', 'examples/data/digits-labels.txt', '--image-shape', '8x8'],
    state: 'row=3&order=clusters&map=umap',
  },
};

/** Commands of the terminal session, with the number of output lines to show. */
const SESSION = [
  { args: ['topk', 'sentences.npy', '-k', '3', '--labels', 'sentences.tsv:text'], lines: 11 },
  { args: ['histogram', 'sentences.npy', '--bins', '20'], lines: 16 },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
for (const [path, { args, state }] of Object.entries(PICTURES)) {
  const command = spawn(process.execPath, ['dist/cli/main.js', 'view', `examples/data/${args[0]}`, ...args.slice(1)]);
  const [line] = (await once(command.stdout, 'data')) as [Buffer];
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(300_000);
  await page.goto(`${line.toString().trim()}#${state}`);
  await page.locator('.map .waiting').waitFor({ state: 'detached' });
  await page.waitForFunction(`document.querySelector('.working').textContent === ''`);
  await page.locator('canvas[data-drawn="true"]').waitFor();
  await page.screenshot({ path, fullPage: true });
  await page.close();
  command.kill('SIGINT');
}

const exec = promisify(execFile);
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Returns the coloured output of a command on a terminal of 96 columns, as HTML. */
async function terminalOutput(args: readonly string[], lines: number): Promise<string> {
  const command = `stty cols 96; cd examples/data; node ../../dist/cli/main.js ${args.join(' ')}`;
  const { stdout } = await exec('script', ['-qec', command, '/dev/null'], { maxBuffer: 2 ** 26 });
  const shown = stdout.replaceAll('\r', '').split('\n').slice(0, lines).join('\n');
  const styles: Readonly<Record<string, string>> = { 1: 'font-weight:bold', 2: 'opacity:.6', 32: 'color:#3fb950' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they begin the codes of colours.
  return escaped(shown).replace(/\x1b\[(\d+)m/g, (_, code: string) =>
    styles[code] ? `<span style="${styles[code]}">` : '</span>',
  );
}

const session: string[] = [];
for (const { args, lines } of SESSION) {
  session.push(
    `<span style="color:#79c0ff">$</span> allpairs ${escaped(args.join(' '))}\n${await terminalOutput(args, lines)}\n`,
  );
}
const page = await browser.newPage({ viewport: { width: 860, height: 400 }, deviceScaleFactor: 2 });
await page.setContent(
  `<body style="margin:0"><pre style="margin:0;padding:16px;background:#0d1117;color:#e6edf3;font:14px/1.35 'DejaVu Sans Mono',monospace">${session.join('\n')}</pre>`,
);
await page.locator('pre').screenshot({ path: 'docs/terminal.png' });
await browser.close();
