// Builds the native addon (native/binding.gyp) with node-gyp, which npm brings along. Where that fails (no compiler, say) it
// says so in one line, and the library works from WebAssembly; with --required it fails.
//
//     node scripts/build-native.mjs [--required]

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../native', import.meta.url));
const required = process.argv.includes('--required');

/** npm tells its scripts where its node-gyp is; else one on the path. */
const [command, ...first] = process.env.npm_config_node_gyp
  ? [process.execPath, process.env.npm_config_node_gyp]
  : [process.platform === 'win32' ? 'node-gyp.cmd' : 'node-gyp'];

/** Node's headers where they lie beside it, so that nothing is fetched. */
const beside = join(dirname(process.execPath), '..');
const headers = existsSync(join(beside, 'include/node/node_api.h')) ? [`--nodedir=${beside}`] : [];

const configured = existsSync(join(folder, 'build/config.gypi'));
const steps = configured ? ['build'] : ['configure', 'build'];
const { status, error, stdout, stderr } = spawnSync(command, [...first, ...steps, '--jobs=max', ...headers], {
  cwd: folder,
  encoding: 'utf8',
});
if (status !== 0) {
  const log = join(folder, 'build/build.log');
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`);
  const reason = error?.message ?? /gyp ERR! stack (?:Error: )?(.*)/.exec(stderr)?.[1] ?? `node-gyp ended with ${status}`;
  console.error(`native addon skipped, WebAssembly serves instead: ${reason} (native/build/build.log)`);
  if (required) process.exit(1);
}
