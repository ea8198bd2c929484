// Locates the rows of a job. They are read in ranges and verified against the checksums of the plan.

import { crc32 } from 'node:zlib';
import { FormatError } from '../../errors.js';
import { RowFile } from '../../index.js';
import type { ByteSource } from '../../io/bytes/byte-source.js';
import type { FlatRows } from '../../io/rows/row-reader.js';
import { openBytesAt } from '../storage/open-storage.js';
import type { JobStorage } from '../storage/storage.js';
import { JobError } from './job-error.js';
import { verifiedBytes } from './verified-bytes.js';

export interface RowPlace {
  /** A name inside the job, or an independent path or s3:// address. */
  readonly name: string;
  readonly within: boolean;
  readonly layout: FlatRows;
  /** Size of the whole file in bytes. */
  readonly bytes: number;
  readonly chunkBytes: number;
  /** The object with the checksum of each chunk, and the checksum of that object. */
  readonly sums: { readonly name: string; readonly crc: number };
}

/** Opens the rows of `place`. Throws JobError if they are missing, FormatError if they have changed. */
export async function openPlace(storage: JobStorage, place: RowPlace): Promise<RowFile> {
  const { name, within, layout, bytes, chunkBytes } = place;
  const sums = await readSums(storage, place);
  const source = within ? await storage.open(name) : await openOutside(name);
  if (!source) throw new JobError(`${storage.name}: ${name}, which holds the rows of the job, is missing`);
  try {
    if (source.size !== bytes) {
      throw new FormatError(source.name, 0, `it had ${bytes} bytes when the job was planned, and now it has ${source.size}`);
    }
    if (layout.rows > 0 && layout.offset + (layout.rows - 1) * layout.rowBytes > bytes) {
      throw new FormatError(source.name, bytes, 'it has fewer rows than the job expects');
    }
    return new RowFile(source.name, verifiedBytes(source, chunkBytes, sums), layout);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openOutside(name: string): Promise<ByteSource> {
  try {
    return await openBytesAt(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new JobError(
      `${name}: this machine cannot find the rows of the job. Plan the job with --copy to store them in the job`,
    );
  }
}

async function readSums(storage: JobStorage, { bytes, chunkBytes, sums }: RowPlace): Promise<Uint32Array> {
  const stored = await storage.read(sums.name);
  if (!stored) throw new JobError(`${storage.name}: ${sums.name}, which holds the checksums of the rows, is missing`);
  if (stored.length !== 4 * Math.ceil(bytes / chunkBytes) || crc32(stored) !== sums.crc) {
    throw new FormatError(`${storage.name}: ${sums.name}`, 0, 'damaged: its checksum is wrong');
  }
  // Copies first, because a Buffer may be a slice of a larger buffer.
  return new Uint32Array(new Uint8Array(stored).buffer);
}
