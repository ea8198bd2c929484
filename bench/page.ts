// Measures how long users wait for the local page: from the command to the first image of the whole matrix and to the last answer, and
// the memory of the page's process and of the command, which computes if there are many rows. The browser is already open, as it usually
// is, and the processor computes WebGL. RUNS=1 measures once instead of five times.
//
//   npx tsx bench/page.ts examples/data/sentences.npy embeddings.npy 'embeddings.npy#order=clusters'

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const RUNS = Number(process.env.RUNS ?? 5);
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** The processor renders WebGL, and composes the page without it, as a browser without a GPU does. */
const FLAGS = [
  '--no-sandbox',
  '--no-first-run',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-gpu-compositing',
  '--disable-gpu-rasterization',
];

interface Waited {
  /** Seconds since the command was started. */
  readonly picture: number;
  readonly all: number;
  /** Milliseconds per frame while the matrix is dragged: in total, and in the page's own script. */
  readonly frame: number;
  readonly script: number;
  /** Peak resident sizes in MiB, of the page's process and of the command. */
  readonly peak: number;
  readonly commandPeak: number;
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
  await page.locator('canvas[data-drawn="true"]').waitFor({ timeout: 600_000 });
  const picture = since();
  await page.waitForFunction(
    () => document.querySelector('.working')?.textContent === '' && document.querySelector('.summary:not(.quiet)'),
    undefined,
    { timeout: 600_000 },
  );
  const all = since();
  const peak = await peakOfPage(browser);
  const { frame, script } = await dragAbout(page);
  await browser.close();
  const commandPeak = await peakOf(String(command.pid));
  command.kill('SIGINT');
  return { picture, all, frame, script, peak, commandPeak };
}

/** Zooms in until finer tiles are computed, and drags. */
async function dragAbout(page: Page): Promise<Pick<Waited, 'frame' | 'script'>> {
  const { x, y, width, height } = (await page.locator('.heatmap-keys').boundingBox()) as Box;
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.locator('.heatmap-keys').focus();
  for (let turn = 0; turn < 5; turn++) await page.mouse.wheel(0, -100);
  await page.waitForTimeout(1000);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const scriptTime = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'ScriptDuration')?.value as number);
  };
  const before = await scriptTime();
  // Passed as text, because the compiler of this file would insert its own names into functions.
  await page.evaluate(`
    globalThis.frames = [];
    let last = performance.now();
    requestAnimationFrame(function next() {
      frames.push(performance.now() - last);
      last = performance.now();
      requestAnimationFrame(next);
    });
  `);
  await page.mouse.down();
  for (let step = 0; step < 120; step++) {
    await page.mouse.move(x + width / 2 + 150 * Math.sin(step / 10), y + height / 2 + 100 * Math.cos(step / 7));
  }
  await page.mouse.up();
  const frames = (await page.evaluate('frames')) as number[];
  return { frame: median(frames), script: ((await scriptTime()) - before) / frames.length };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Linux keeps the peak of each process. */
async function peakOf(process: string): Promise<number> {
  return Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${process}/status`, 'utf8'))?.[1]) / 1024;
}

/** The largest of the rendering processes. */
async function peakOfPage(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const known = new Set(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => String(id)));
  const peaks = (await readdir('/proc')).filter((id) => known.has(id)).map(peakOf);
  return Math.max(...(await Promise.all(peaks)));
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;

for (const argument of process.argv.slice(2)) {
  const [path = '', state = ''] = argument.split('#');
  const runs: Waited[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measure(path, state));
  const of = (name: keyof Waited) => median(runs.map((run) => run[name]));
  console.log(
    `${argument}: picture ${of('picture').toFixed(2)} s, all ${of('all').toFixed(2)} s, frames ${of('frame').toFixed(1)} ms (script ${of('script').toFixed(1)}), peaks: page ${of('peak').toFixed(0)} MiB, command ${of('commandPeak').toFixed(0)} MiB`,
  );
}
