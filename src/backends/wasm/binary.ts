// Reads the embedded binaries. scripts/build-kernels.mjs describes the text that contains all builds of a module.

/** 'simd' is plain 128-bit SIMD; 'relaxed' adds fused multiply-add. */
export type KernelBuild = 'simd' | 'relaxed';

/** Returns the binary for private or shared memory. */
export function binaryIn(text: string, build: KernelBuild, shared: boolean): Uint8Array<ArrayBuffer> {
  const hex = text.replace(/\((\w*)\|(\w*)\)/g, build === 'simd' ? '$1' : '$2').replace(/<(\w*)\|(\w*)>/, shared ? '$2' : '$1');
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = 16 * digitAt(hex, 2 * at) + digitAt(hex, 2 * at + 1);
  return bytes;
}

/** '0' is 0x30 and 'a' is 0x61. */
function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return (code & 15) + 9 * (code >> 6);
}

const compiled = new Map<string, Map<string, WebAssembly.Module>>();

/** Compiles a module once for each build and kind of memory. */
export function compileIn(text: string, build: KernelBuild, shared: boolean): WebAssembly.Module {
  let modules = compiled.get(text);
  if (!modules) {
    modules = new Map();
    compiled.set(text, modules);
  }
  const key = `${build}-${shared ? 'shared' : 'local'}`;
  let module = modules.get(key);
  if (!module) {
    module = new WebAssembly.Module(binaryIn(text, build, shared));
    modules.set(key, module);
  }
  return module;
}
