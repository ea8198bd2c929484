// Opens files of rows in browsers: Blobs, such as a File that was chosen or dropped.

import { ArgumentError, MemoryError, UnsupportedError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { type BytesInput, bytesOfInput, refuseWebAddress } from '../bytes/input-bytes.js';
import { inTurns } from '../turns.js';
import { openCompressed } from './open-compressed.js';
import { checkOpenOptions, checkQuery, type FoundRows, type OpenRowsOptions, openAll } from './open-source.js';
import type { RowFile } from './row-file.js';
import { FORMATS_OF_BYTES, findFormat } from './row-formats.js';
import type { ReaderOptions } from './row-reader.js';
import { RowStore } from './row-store.js';
import { SparseRoom } from './sparse-room.js';

/** Names of the formats of rows that do not need a path. */
export const ROW_FORMATS: readonly string[] = FORMATS_OF_BYTES;

/** The limit if the amount of memory is unknown. */
const STORE_BYTES = 2 ** 30;

export async function openBlobRows(input: BytesInput | readonly BytesInput[], options: OpenRowsOptions): Promise<RowFile> {
  checkOpenOptions(options);
  const inputs = (Array.isArray(input) ? input : [input]).map(sourceOf);
  const [first] = inputs;
  if (!first) throw new ArgumentError('input', `${EXPECTED}, got an empty array`);
  const name = `${first.name}${inputs.length > 1 ? ` and ${inputs.length - 1} more` : ''}`;
  const store = createStore(name, options.memoryBudget);
  const sparseRoom = new SparseRoom(options.memoryBudget);
  const find = (source: ByteSource) => findRows(source, { ...options, sparseRoom });
  return openAll(inputs, name, find, store, { ...options, sparseRoom });
}

async function findRows(given: ByteSource, options: OpenRowsOptions & ReaderOptions): Promise<FoundRows> {
  let source = given;
  try {
    const bytes = await openCompressedBlob(given, options);
    source = inTurns(bytes, options.signal);
    const format = await findFormat(source, options.format, ROW_FORMATS);
    const { reader } = format;
    if (!reader) {
      const formats = ROW_FORMATS.join(', ');
      throw new UnsupportedError(`${source.name}: ${format.name} files are opened in Node only`, {
        advice: `a browser opens ${formats}`,
      });
    }
    checkQuery(source, format, options.query);
    const read = await reader();
    const { name } = source;
    const columnStore = () => createStore(name, options.memoryBudget);
    return { name, rows: await read(source, { ...options, createStore: columnStore }), source };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The bytes of a file that may be compressed. */
export function openCompressedBlob(
  source: ByteSource,
  options: Pick<OpenRowsOptions, 'memoryBudget' | 'signal'> = {},
): Promise<ByteSource> {
  return openCompressed(source, () => createStore(source.name, options.memoryBudget), options.signal);
}

const EXPECTED = 'expected a File, another Blob, an ArrayBuffer, a Uint8Array or a ByteSource';

/** Returns the bytes of an input that a page may pass. */
export function sourceOf(input: BytesInput): ByteSource {
  refuseWebAddress(input);
  return bytesOfInput(input, EXPECTED);
}

function createStore(name: string, memoryBudget: number = STORE_BYTES): RowStore {
  const store: RowStore = new RowStore(memoryBudget, async () => {
    throw new MemoryError(
      store.size,
      `${name}: its decoded rows take more than ${memoryBudget} bytes, and a browser has no temporary files`,
      { advice: 'raise memoryBudget, or store the rows in a format that is read where it lies, as .npy is' },
    );
  });
  return store;
}
