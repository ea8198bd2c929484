// Builds the native addon (native/binding.gyp) with node-gyp, which npm brings along. Where that fails (no compiler, say) it
// says so in one line, and the library works from WebAssembly.
//
//     npm run build                 among others
//     npm run native-prebuild       fails where it cannot; then copies the addon to prebuilds/, to be published
//
// npm_config_arch sets another architecture than this machine's, where the compiler has it.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'native');
const prebuild = process.argv.includes('--prebuild');

/** npm tells its scripts where its node-gyp is; else one on the path. */
const [command, ...first] = process.env.npm_config_node_gyp
  ? [process.execPath, process.env.npm_config_node_gyp]
  : ['node-gyp'];

/** Node's headers where they lie beside it, so that nothing is fetched. */
const beside = join(dirname(process.execPath), '..');
const headers = existsSync(join(beside, 'include/node/node_api.h')) ? [`--nodedir=${beside}`] : [];

// What is published is made from nothing, for the architecture that is asked for.
const configured = existsSync(join(folder, 'build/config.gypi')) && !prebuild;
const steps = configured ? ['build'] : ['rebuild'];
const { status, error, stdout, stderr } = spawnSync(command, [...first, ...steps, '--jobs=max', ...headers], {
  cwd: folder,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
  // However quiet npm is told to be: for the log.
  env: { ...process.env, npm_config_loglevel: 'info' },
  // Where npm did not say, node-gyp is a batch file on Windows, which only a shell runs.
  shell: process.platform === 'win32' && !process.env.npm_config_node_gyp,
});
if (status !== 0) {
  const log = join(folder, 'build/build.log');
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`);
  const reason = error?.message ?? /gyp ERR! stack (?:Error: )?(.*)/.exec(stderr)?.[1] ?? `node-gyp ended with ${status}`;
  console.error(`native addon skipped, WebAssembly serves instead: ${reason} (native/build/build.log)`);
  if (prebuild) process.exit(1);
} else if (prebuild) {
  const to = join(root, 'prebuilds', systemName());
  mkdirSync(to, { recursive: true });
  copyFileSync(join(folder, 'build/Release/allpairs.node'), join(to, 'allpairs.node'));
  console.log(`prebuilds/${systemName()}/allpairs.node`);
}

/** As src/platform/native-addon.ts looks for it. */
function systemName() {
  const system = `${process.platform}-${process.env.npm_config_arch ?? process.arch}`;
  if (process.platform !== 'linux') return system;
  return `${system}-${process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`;
}
