// native/test/driver.cc: the core of the addon without JavaScript, under sanitizers and on an emulated processor.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const NATIVE = fileURLToPath(new URL('../../native', import.meta.url));
const exec = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'allpairs-native-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FLAGS = ['-std=c++17', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-Wno-psabi', '-ffp-contract=off', '-fno-math-errno'];
/** One object a set of instructions. The last is AVX-512's shape in plain code, since few machines have AVX-512. */
const X64_KERNELS = {
  sse2: [],
  avx2: ['-mavx2', '-mfma'],
  avx512: ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mfma'],
  plain: ['-DALLPAIRS_PLAIN_VECTORS'],
};

interface Target {
  readonly name: string;
  readonly tools: readonly string[];
  readonly compiler: string;
  readonly kernels: Record<string, readonly string[]>;
  readonly flags: readonly string[];
  readonly run: (driver: string) => [command: string, args: string[]];
}

const onX64 = {
  compiler: 'g++',
  tools: ['g++'],
  kernels: X64_KERNELS,
  run: (driver: string): [string, string[]] => [driver, []],
};
const TARGETS: readonly Target[] = [
  {
    ...onX64,
    name: 'AddressSanitizer and UndefinedBehaviorSanitizer',
    flags: ['-DALLPAIRS_PLAIN_TOO', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  },
  { ...onX64, name: 'ThreadSanitizer', flags: ['-DALLPAIRS_PLAIN_TOO', '-fsanitize=thread'] },
  {
    name: 'an emulated arm64 processor',
    compiler: 'aarch64-linux-gnu-g++',
    tools: ['aarch64-linux-gnu-g++', 'qemu-aarch64'],
    kernels: { neon: [] },
    flags: ['-static'],
    run: (driver) => ['qemu-aarch64', [driver]],
  },
];

/** Why a target cannot be built and run here; REQUIRE_NATIVE_TESTS makes that an error. */
function refusalOf({ tools, compiler }: Target): string | undefined {
  const missing = tools.filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  const reasons = missing.length > 0 ? [`no ${missing.join(', no ')}`] : [];
  if (compiler === 'g++' && process.arch !== 'x64') reasons.push(`this is ${process.arch}`);
  if (reasons.length === 0) return undefined;
  if (process.env.REQUIRE_NATIVE_TESTS) throw new Error(`the native tests are required: ${reasons.join('; ')}`);
  return reasons.join('; ');
}

for (const [number, target] of TARGETS.entries()) {
  const refusal = refusalOf(target);
  describe.skipIf(refusal)(`the core under ${target.name}${refusal ? ` (skipped: ${refusal})` : ''}`, () => {
    it('computes what plain loops do, with each set of instructions', { timeout: 300_000 }, async () => {
      const { compiler, flags, kernels } = target;
      const at = (file: string) => join(folder, `${number}-${file}`);
      const compile = (args: readonly string[]) => exec(compiler, [...FLAGS, ...flags, ...args], { cwd: NATIVE });
      const objects = await Promise.all(
        Object.entries(kernels).map(async ([name, own]) => {
          await compile([...own, '-c', 'kernels/table.cc', '-o', at(`${name}.o`)]);
          return at(`${name}.o`);
        }),
      );
      const core = (await readdir(join(NATIVE, 'core'))).filter((file) => file.endsWith('.cc')).map((file) => `core/${file}`);
      await compile(['test/driver.cc', ...core, ...objects, '-pthread', '-o', at('driver')]);
      const { stdout } = await exec(...target.run(at('driver')));
      const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
      expect(Number(passed)).toBeGreaterThan(1000);
      expect(Number(failed)).toBe(0);
    });
  });
}
