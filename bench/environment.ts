// The environment that is needed to interpret a figure.

import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { runtimeInfo } from 'allpairs';

export function environmentOf(threads: number): Record<string, string> {
  const { runtime, backends } = runtimeInfo();
  const description = (name: string) => backends.find((backend) => backend.name === name && backend.available)?.description;
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: `${availableParallelism()} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${type()} ${release()}`,
    threads: `${threads} threads`,
    runtime: `${runtime}, V8 ${process.versions.v8}`,
    native: `native: ${description('native') ?? 'does not run here'}`,
    wasm: `wasm: ${description('wasm') ?? 'does not run here'}`,
  };
}
