// How long people wait for the local page: from the command to the first picture of the whole matrix, and to the last answer; and
// the memory of the page's process. The browser is open before, as people's are; WebGL is computed by the processor.
//
//   npx tsx bench/page.ts examples/data/sentences.npy embeddings.npy 'embeddings.npy#order=clusters'

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const RUNS = 5;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--no-first-run', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

interface Waited {
  /** Seconds since the command was started. */
  readonly picture: number;
  readonly all: number;
  /** Highest resident set of the page's process, MiB. */
  readonly peak: number;
}

async function measure(path: string, state: string): Promise<Waited> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto('about:blank');
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  const command = spawn(process.execPath, [MAIN, 'view', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(command.stdout, 'data')) as [Buffer];
  await page.goto(`${line.toString().trim()}#${state}`);
  await page.locator('canvas[data-drawn="true"]').waitFor({ timeout: 120_000 });
  const picture = since();
  await page.locator('.map .waiting').waitFor({ state: 'detached', timeout: 120_000 });
  const all = since();
  const peak = await peakOfPage(browser);
  await browser.close();
  command.kill('SIGINT');
  return { picture, all, peak };
}

/** The largest of the processes that render pages: Linux keeps the peak of each. */
async function peakOfPage(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const known = new Set(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => String(id)));
  const peaks = (await readdir('/proc'))
    .filter((id) => known.has(id))
    .map(async (id) => Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${id}/status`, 'utf8'))?.[1]));
  return Math.max(...(await Promise.all(peaks))) / 1024;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;

for (const argument of process.argv.slice(2)) {
  const [path = '', state = ''] = argument.split('#');
  const runs: Waited[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measure(path, state));
  const of = (name: keyof Waited) => median(runs.map((run) => run[name]));
  console.log(
    `${argument}: picture ${of('picture').toFixed(2)} s, all ${of('all').toFixed(2)} s, page's peak ${of('peak').toFixed(0)} MiB`,
  );
}
