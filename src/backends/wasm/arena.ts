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
    if (bytes <= this.float32.byteLength) return;
    const missing = pagesFor(bytes) - this.float32.byteLength / PAGE_BYTES;
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

/** By build; index 0 with a memory of its own, 1 shared. */
const kept: Record<KernelBuild, [Arena | undefined, Arena | undefined]> = {
  simd: [undefined, undefined],
  relaxed: [undefined, undefined],
  wide: [undefined, undefined],
};

/** An arena of at least `bytes` that nobody else uses until `giveBack`. */
export function lendArena(build: KernelBuild, shared: boolean, bytes: number): Arena {
  const pair = kept[build];
  const at = shared ? 1 : 0;
  const arena = pair[at];
  if (!arena) return new Arena(build, shared, bytes);
  pair[at] = undefined;
  arena.reserve(bytes);
  return arena;
}

export function giveBackArena(arena: Arena): void {
  if (arena.memory.buffer.byteLength <= KEPT_BYTES) kept[arena.build][arena.shared ? 1 : 0] = arena;
}

function pagesFor(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

function outOfMemory(bytes: number, cause: unknown): MemoryError {
  return new MemoryError(bytes, `could not allocate ${bytes} bytes of WebAssembly memory for packed rows`, { cause });
}
