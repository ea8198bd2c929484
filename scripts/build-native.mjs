// Builds the native addon (native/binding.gyp) with node-gyp, which comes with npm. If that fails, for example without a compiler,
// prints the reason in one line, and the library uses WebAssembly.
//
//     npm run build                 includes this step
//     npm run native-prebuild       fails if the build fails; then copies the addon to prebuilds/ for publishing
//
// npm_config_arch selects another architecture, if the compiler supports it.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'native');
const prebuild = process.argv.includes('--prebuild');

/** npm sets the path of its node-gyp for scripts; otherwise uses one on the path. */
const [command, ...first] = process.env.npm_config_node_gyp
  ? [process.execPath, process.env.npm_config_node_gyp]
  : ['node-gyp'];

/** Uses the headers next to Node if there are any, so that nothing is downloaded. */
const beside = join(dirname(process.execPath), '..');
const headers = existsSync(join(beside, 'include/node/node_api.h')) ? [`--nodedir=${beside}`] : [];

// A published addon is built from scratch, for the requested architecture.
const configured = existsSync(join(folder, 'build/config.gypi')) && !prebuild;
const steps = configured ? ['build'] : ['rebuild'];
const { status, error, stdout, stderr } = spawnSync(command, [...first, ...steps, '--jobs=max', ...headers], {
  cwd: folder,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
  // Verbose even if npm is quiet, for the log.
  env: { ...process.env, npm_config_loglevel: 'info' },
  // Without npm's path, node-gyp is a batch file on Windows, which only a shell can run.
  shell: process.platform === 'win32' && !process.env.npm_config_node_gyp,
});
if (status !== 0) {
  const log = join(folder, 'build/build.log');
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`);
  const reason = error?.message ?? /gyp ERR! stack (?:Error: )?(.*)/.exec(stderr)?.[1] ?? `node-gyp ended with ${status}`;
  console.error(`native addon not built, using WebAssembly instead: ${reason} (see native/build/build.log)`);
  if (prebuild) process.exit(1);
} else if (prebuild) {
  const to = join(root, 'prebuilds', systemName());
  mkdirSync(to, { recursive: true });
  copyFileSync(join(folder, 'build/Release/allpairs.node'), join(to, 'allpairs.node'));
  console.log(`prebuilds/${systemName()}/allpairs.node`);
}

/** The name that src/platform/native-addon.ts looks for. */
function systemName() {
  const system = `${process.platform}-${process.env.npm_config_arch ?? process.arch}`;
  if (process.platform !== 'linux') return system;
  return `${system}-${process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`;
}
