// A WASM memory with the kernels bound to it, lent to one job at a time. One small arena of each kind is kept between
// calls: its pages are already mapped, which for short work costs more than the work itself.

import { MemoryError } from '../../errors.js';
import type { KernelBuild } from './binaries.js';
import { bindKernels, compileKernels, type Kernels } from './kernels.js';

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;
/** Larger arenas are dropped after use, so that one large call does not hold its memory for ever. */
const KEPT_BYTES = 64 * 2 ** 20;

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly kernels: Kernels;
  /** Views of the whole memory. */
  float32!: Float32Array;
  float64!: Float64Array;

  constructor(
    readonly build: KernelBuild,
    readonly shared: boolean,
    bytes: number,
  ) {
    const initial = pagesFor(bytes);
    this.module = compileKernels(build, shared);
    try {
      this.memory = new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared });
    } catch (cause) {
      throw outOfMemory(bytes, cause);
    }
    this.kernels = bindKernels(this.module, this.memory);
    this.makeViews();
  }

  /** Makes room for `bytes`. */
  reserve(bytes: number): void {
    const missing = pagesFor(bytes) - this.memory.buffer.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw outOfMemory(bytes, cause);
    }
    this.makeViews();
  }

  private makeViews(): void {
    this.float32 = new Float32Array(this.memory.buffer);
    this.float64 = new Float64Array(this.memory.buffer);
  }
}

const kept = new Map<string, Arena>();

/** An arena of at least `bytes` that nobody else uses until `giveBack`. */
export function lendArena(build: KernelBuild, shared: boolean, bytes: number): Arena {
  const key = keyOf(build, shared);
  const arena = kept.get(key);
  if (!arena) return new Arena(build, shared, bytes);
  kept.delete(key);
  arena.reserve(bytes);
  return arena;
}

export function giveBackArena(arena: Arena): void {
  if (arena.memory.buffer.byteLength <= KEPT_BYTES) kept.set(keyOf(arena.build, arena.shared), arena);
}

function keyOf(build: KernelBuild, shared: boolean): string {
  return shared ? `${build}-shared` : build;
}

function pagesFor(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

function outOfMemory(bytes: number, cause: unknown): MemoryError {
  return new MemoryError(bytes, `could not allocate ${bytes} bytes of WebAssembly memory for packed rows`, { cause });
}
