// native/test/driver.cc: the core of the addon without JavaScript, under sanitizers and on an emulated processor.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, type Program, X64_KERNELS } from './compile.js';

const folder = mkdtempSync(join(tmpdir(), 'allpairs-native-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Target {
  readonly name: string;
  readonly program: Program;
  /** The emulator that runs the program if the processor cannot. */
  readonly emulator?: string;
}

const onX64 = { source: 'test/driver.cc', compiler: 'g++', kernels: X64_KERNELS };
const cpuinfo = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
const runsAvx512 = /\bavx512bw\b/.test(cpuinfo);
/** The shape of AVX-512 in plain code, for machines without AVX-512. */
const plain = runsAvx512 ? {} : { plain: ['-DALLPAIRS_PLAIN_VECTORS'] };
const plainToo = runsAvx512 ? [] : ['-DALLPAIRS_PLAIN_TOO'];
/** Under ThreadSanitizer the program runs only the widest kernels, so the others need neither checks nor speed. */
const widest = runsAvx512 ? 'avx512' : /\bavx2\b/.test(cpuinfo) ? 'avx2' : 'sse2';
const onlyWidest = Object.fromEntries(
  Object.entries(X64_KERNELS).map(([name, flags]) => [
    name,
    name === widest ? flags : [...flags, '-O0', '-fno-sanitize=thread'],
  ]),
);
const TARGETS: readonly Target[] = [
  {
    name: 'AddressSanitizer and UndefinedBehaviorSanitizer',
    program: {
      ...onX64,
      kernels: { ...X64_KERNELS, ...plain },
      flags: ['-O1', ...plainToo, '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
    },
  },
  { name: 'ThreadSanitizer', program: { ...onX64, kernels: onlyWidest, flags: ['-O1', '-fsanitize=thread'] } },
  {
    name: 'an emulated arm64 processor',
    program: { ...onX64, compiler: 'aarch64-linux-gnu-g++', kernels: { neon: [] }, flags: ['-O2', '-static'] },
    emulator: 'qemu-aarch64',
  },
];

/** Why a target cannot be built and run here; REQUIRE_NATIVE_TESTS makes that an error. */
function refusalOf({ program, emulator }: Target): string | undefined {
  const tools = emulator ? [program.compiler, emulator] : [program.compiler];
  const reasons = tools.filter((tool) => spawnSync(tool, ['--version']).status !== 0).map((tool) => `no ${tool}`);
  if (!emulator && process.arch !== 'x64') reasons.push(`this is ${process.arch}`);
  if (reasons.length === 0) return undefined;
  if (process.env.REQUIRE_NATIVE_TESTS) throw new Error(`the native tests are required: ${reasons.join('; ')}`);
  return reasons.join('; ');
}

for (const [number, target] of TARGETS.entries()) {
  const refusal = refusalOf(target);
  describe.skipIf(refusal)(`the core under ${target.name}${refusal ? ` (skipped: ${refusal})` : ''}`, () => {
    it('computes the same as plain loops', async () => {
      const driver = join(folder, `driver-${number}`);
      await compile(target.program, driver);
      const [command, ...args] = target.emulator ? [target.emulator, driver] : [driver];
      const { stdout } = await promisify(execFile)(command, args);
      const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
      expect(Number(passed)).toBeGreaterThan(1000);
      expect(Number(failed)).toBe(0);
    });
  });
}
