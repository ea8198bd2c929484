// Where the rows of a job lie, and how they are read from there: by range, and compared with what they were.

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
  /** A name within the job, or a path or s3:// address of its own. */
  readonly name: string;
  readonly within: boolean;
  readonly layout: FlatRows;
  /** Of the whole file. */
  readonly bytes: number;
  readonly chunkBytes: number;
  /** The object of the job with the checksum of each chunk, and the checksum of that. */
  readonly sums: { readonly name: string; readonly crc: number };
}

/** Opens the rows of `place`. Throws JobError where they are not there, FormatError where they are not what they were. */
export async function openPlace(storage: JobStorage, place: RowPlace): Promise<RowFile> {
  const { name, within, layout, bytes, chunkBytes } = place;
  const sums = await readSums(storage, place);
  const source = within ? await storage.open(name) : await openOutside(name);
  if (!source) throw new JobError(`${storage.name}: ${name}, the rows of the job, is not there`);
  try {
    if (source.size !== bytes) {
      throw new FormatError(source.name, 0, `it had ${bytes} bytes when the job was planned, now it has ${source.size}`);
    }
    if (layout.rows > 0 && layout.offset + (layout.rows - 1) * layout.rowBytes > bytes) {
      throw new FormatError(source.name, bytes, 'the job expects more rows than it has');
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
      `${name}: the rows of the job are not there for this machine. "allpairs plan ... --copy" takes them into the job`,
    );
  }
}

async function readSums(storage: JobStorage, { bytes, chunkBytes, sums }: RowPlace): Promise<Uint32Array> {
  const stored = await storage.read(sums.name);
  if (!stored) throw new JobError(`${storage.name}: ${sums.name}, the checksums of the rows, is not there`);
  if (stored.length !== 4 * Math.ceil(bytes / chunkBytes) || crc32(stored) !== sums.crc) {
    throw new FormatError(`${storage.name}: ${sums.name}`, 0, 'damaged: its checksum is wrong');
  }
  // A Buffer's slice would share memory that begins elsewhere.
  return new Uint32Array(new Uint8Array(stored).buffer);
}
