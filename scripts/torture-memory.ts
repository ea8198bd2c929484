// Detaches, resizes and frees the caller's memory at random moments of calls, which must reject it or return the right scores.
//
//     npm run torture-memory [-- --calls 1000 --seed 1] [--sanitize]
//
// --sanitize builds the addon with AddressSanitizer (g++ on x64) and uses that build.

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile, X64_KERNELS } from '../test/native/compile.js';
import { misuseCalls } from '../test/torture/misuse.js';

/** The addon to load instead of the regular build, in the process that --sanitize starts. */
const ADDON = 'ALLPAIRS_TORTURE_ADDON';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    sanitize: { type: 'boolean', default: false },
  },
});
const require = createRequire(import.meta.url);

if (values.sanitize) {
  process.exitCode = await runSanitized();
} else {
  loadOtherAddon(process.env[ADDON]);
  const { calls, refused, right } = await misuseCalls(Number(values.calls), Number(values.seed), (done) => {
    if (done % 100 === 0) console.log(`${done} of ${values.calls}`);
  });
  const counts = Object.entries(refused).map(([argument, count]) => `${count} refused because of ${argument}`);
  console.log(`${calls} calls: ${[...counts, `${right} right`].join(', ')}`);
}

function loadOtherAddon(path: string | undefined): void {
  if (!path) return;
  require.extensions['.node'] = (module) => {
    process.dlopen(module, path);
    console.log(`using ${path}`);
  };
}

/** Runs this script again with an addon built for it. Returns its exit code. */
async function runSanitized(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-sanitized-'));
  try {
    const addon = join(folder, 'allpairs.node');
    const headers = join(dirname(process.execPath), '../include/node');
    const wrapper = dirname(require.resolve('node-addon-api/package.json'));
    const defines = ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS_ALL', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'];
    const flags = ['-O1', '-fPIC', '-shared', '-fsanitize=address', '-fno-omit-frame-pointer'];
    await compile(
      {
        source: 'addon.cc',
        compiler: 'g++',
        kernels: X64_KERNELS,
        flags: [...flags, '-isystem', headers, '-isystem', wrapper, ...defines.map((define) => `-D${define}`)],
      },
      addon,
    );
    const library = spawnSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim();
    const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--calls', values.calls, '--seed', values.seed];
    const { status } = spawnSync(process.execPath, args, {
      stdio: 'inherit',
      // Node itself does not free all memory when it exits.
      env: { ...process.env, [ADDON]: addon, LD_PRELOAD: library, ASAN_OPTIONS: 'detect_leaks=0' },
    });
    return status ?? 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}
