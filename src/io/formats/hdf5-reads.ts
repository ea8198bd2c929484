// Checks what HDF5 reads. In global heaps, which hold texts of any length, HDF5 adds the sizes of objects until it arrives at the end of the
// heap, which it never does if a size is zero or wraps around. In files that are not HDF5, it reads zeros where they end.
// https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, section III.E

import { fstatSync, readSync } from 'node:fs';
import type { FileSystem } from './hdf5-module.js';
import type { NumberTypes } from './hdf5-number-types.js';

export interface ReadFault {
  /** Position of the object in the file. */
  readonly byte: number | 'whole';
  readonly what: string;
}

const SIGNATURE = 'GCOL';
const SUPERBLOCK = '\x89HDF\r\n\x1a\n';
/** The number that WASI gives to errors of input and output. */
const EIO = 29;
/** Index, references and reserved bytes of an object, before its size. */
const OBJECT_BYTES = 8;
const WINDOW_BYTES = 2 ** 12;
/** Filters, which HDF5 loads like data. */
const PLUGIN = /\.so$/;

/**
 * Calls `use` while the heaps in all that HDF5 reads are checked. Reading a damaged heap fails; `onFault` gets the reason, and `types` all that
 * is read. The result includes the size of all files that were read: links may lead to other files.
 */
export function withReadsChecked<T>(
  files: FileSystem,
  onFault: (fault: ReadFault) => void,
  types: NumberTypes | undefined,
  use: () => T,
): { readonly used: T; readonly fileBytes: number } {
  const read = files.read;
  const checks = new Map<number, FileCheck>();
  files.read = (file, into, offset, length, position) => {
    const at = position ?? file.position;
    const count = read(file, into, offset, length, position);
    if (PLUGIN.test(file.path)) return count;
    const check = checks.get(file.nfd) ?? new FileCheck(file.nfd);
    checks.set(file.nfd, check);
    const bytes = Buffer.from(into.buffer, into.byteOffset + offset, count);
    types?.note(bytes, at);
    const isOutside = !check.isHdf5 && checks.size > 1;
    const fault = isOutside ? outsideFault(file.path) : check.faultIn(bytes, at);
    if (!fault) return count;
    onFault(fault);
    throw new files.ErrnoError(EIO);
  };
  try {
    const used = use();
    return { used, fileBytes: [...checks.values()].reduce((sum, check) => sum + check.fileBytes, 0) };
  } finally {
    files.read = read;
  }
}

function outsideFault(path: string): ReadFault {
  return { byte: 'whole', what: `its numbers are in another file, ${path}, which is not HDF5; write them into the HDF5 file` };
}

class FileCheck {
  readonly fileBytes: number;
  readonly isHdf5: boolean;
  readonly #file: number;
  /** Bytes of a size in this file. */
  readonly #sizeBytes: number;
  readonly #window = Buffer.alloc(WINDOW_BYTES);
  #windowAt = 0;
  #windowBytes = 0;

  constructor(file: number) {
    this.#file = file;
    this.fileBytes = fstatSync(file).size;
    const sizeBytes = this.#findSizeBytes();
    this.isHdf5 = sizeBytes !== undefined;
    this.#sizeBytes = sizeBytes ?? 8;
  }

  /** Returns what is wrong with the first damaged heap that begins in these bytes of the file. */
  faultIn(bytes: Buffer, at: number): ReadFault | undefined {
    for (let found = bytes.indexOf(SIGNATURE); found >= 0; found = bytes.indexOf(SIGNATURE, found + 1)) {
      const fault = this.#faultOf(at + found);
      if (fault) return fault;
    }
    // The last bytes may be the beginning of a signature.
    for (let begin = Math.max(0, bytes.length - SIGNATURE.length + 1); begin < bytes.length; begin++) {
      if (!SIGNATURE.startsWith(bytes.toString('latin1', begin))) continue;
      const fault = this.#faultOf(at + begin);
      if (fault) return fault;
    }
    return undefined;
  }

  #faultOf(start: number): ReadFault | undefined {
    const head = this.#bytesAt(start, OBJECT_BYTES + this.#sizeBytes);
    if (head?.toString('latin1', 0, SIGNATURE.length) !== SIGNATURE) return undefined;
    const first = aligned(OBJECT_BYTES + this.#sizeBytes);
    const heapBytes = this.#sizeIn(head);
    // HDF5 refuses heaps that are longer than the file.
    if (start + heapBytes > this.fileBytes) return undefined;
    for (let at = first; at + first <= heapBytes; ) {
      const object = this.#bytesAt(start + at, OBJECT_BYTES + this.#sizeBytes);
      if (!object) return undefined;
      const size = this.#sizeIn(object);
      // Object 0 is the free space, whose size includes what precedes it.
      const bytes = object.readUInt16LE(0) === 0 ? size : first + aligned(size);
      if (bytes === 0 || bytes > heapBytes - at) {
        const what = `an object of ${bytes} bytes in a global heap that has ${heapBytes - at} bytes left`;
        return { byte: start + at, what };
      }
      at += bytes;
    }
    return undefined;
  }

  /**
   * Sizes have 2, 4 or 8 bytes, as the superblock says. It is at the beginning, or at byte 512, 1024, 2048 and so on. Undefined if the file
   * has none, because it is not HDF5.
   */
  #findSizeBytes(): number | undefined {
    for (let at = 0; at < this.fileBytes; at = at === 0 ? 512 : 2 * at) {
      const head = this.#bytesAt(at, 16);
      if (head?.toString('latin1', 0, SUPERBLOCK.length) !== SUPERBLOCK) continue;
      const bytes = head[(head[8] as number) < 2 ? 14 : 10];
      return bytes === 2 || bytes === 4 ? bytes : 8;
    }
    return undefined;
  }

  #sizeIn(bytes: Buffer): number {
    if (this.#sizeBytes === 8) return Number(bytes.readBigUInt64LE(OBJECT_BYTES));
    return bytes.readUIntLE(OBJECT_BYTES, this.#sizeBytes);
  }

  /** Returns bytes of the file, or undefined if it ends before. */
  #bytesAt(at: number, count: number): Buffer | undefined {
    if (at < this.#windowAt || at + count > this.#windowAt + this.#windowBytes) {
      this.#windowBytes = readSync(this.#file, this.#window, 0, WINDOW_BYTES, at);
      this.#windowAt = at;
    }
    const start = at - this.#windowAt;
    return start + count <= this.#windowBytes ? this.#window.subarray(start, start + count) : undefined;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
