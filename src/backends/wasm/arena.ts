// A WASM memory with the kernels bound to it, lent to one job at a time. Small arenas are kept between calls because their pages are
// already mapped, which for short calls costs more than the computation. Large arenas are left to the garbage collector but reused until it
// collects them. The collector does not know how much memory they represent, so a program with repeated large calls would otherwise soon
// hold many.

import { MemoryError } from '../../errors.js';
import type { KernelBuild } from './binary.js';
import { bindKernels, compileKernels, type Kernels } from './kernels.js';

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;
/** Limit for the arenas that are kept permanently. */
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

  get bytes(): number {
    return this.float32.byteLength;
  }

  /** Grows the memory to at least `bytes`. */
  reserve(bytes: number): void {
    if (bytes <= this.bytes) return;
    const missing = pagesFor(bytes) - this.bytes / PAGE_BYTES;
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

/** Idle arenas that are kept, and those that may be collected. */
const kept: Arena[] = [];
const loose: WeakRef<Arena>[] = [];

/** Returns an arena of at least `bytes`, reserved until `giveBack`: the smallest that is large enough, or else the largest, grown. */
export function lendArena(build: KernelBuild, shared: boolean, bytes: number): Arena {
  let best: Arena | undefined;
  const consider = (arena: Arena | undefined) => {
    if (arena?.build === build && arena.shared === shared && fitsBetter(arena, best, bytes)) best = arena;
  };
  for (const arena of kept) consider(arena);
  for (const reference of loose) consider(reference.deref());
  if (!best) return new Arena(build, shared, bytes);
  const at = kept.indexOf(best);
  if (at >= 0) kept.splice(at, 1);
  else forget(best);
  best.reserve(bytes);
  return best;
}

function fitsBetter(arena: Arena, best: Arena | undefined, bytes: number): boolean {
  if (!best) return true;
  return best.bytes >= bytes ? arena.bytes >= bytes && arena.bytes < best.bytes : arena.bytes > best.bytes;
}

export function giveBackArena(arena: Arena): void {
  const bytes = kept.reduce((sum, other) => sum + other.bytes, arena.bytes);
  if (bytes <= KEPT_BYTES) kept.push(arena);
  else loose.push(new WeakRef(arena));
}

/** Drops the references to `arena` and to collected arenas. */
function forget(arena: Arena): void {
  const others = loose.filter((reference) => ![undefined, arena].includes(reference.deref()));
  loose.splice(0, loose.length, ...others);
}

function pagesFor(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

function outOfMemory(bytes: number, cause: unknown): MemoryError {
  return new MemoryError(bytes, `could not allocate ${bytes} bytes of WebAssembly memory for packed rows`, { cause });
}
