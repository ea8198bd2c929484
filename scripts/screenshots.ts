// The pictures of the page in docs/: npx tsx scripts/screenshots.ts

import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
await browser.close();
