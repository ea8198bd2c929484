// The formats of rows: how to recognise each, and which reader it has. Readers are loaded on demand.

import { ArgumentError, FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { FAISS_MAGIC } from '../formats/faiss-kinds.js';
import { withoutCompression } from '../formats/outer-compression.js';
import { RECOGNISED } from '../formats/recognised.js';
import type { RowReader, TextReader } from './row-reader.js';

/** A format, with its extensions and its first bytes. */
export interface RowFormat {
  readonly name: string;
  readonly extensions: readonly string[];
  /** Bytes that identify this format, and their position: one of these texts. */
  readonly magic?: readonly [offset: number, ...texts: string[]];
  /** Reads rows; undefined if a library needs the file's path. */
  readonly reader?: () => Promise<RowReader>;
  /** Reads names from a text column. */
  readonly textReader?: () => Promise<TextReader>;
  readonly takesQuery?: boolean;
  /** True if the files are text. */
  readonly isText?: boolean;
}

const FORMATS: readonly RowFormat[] = [
  {
    name: 'npy',
    extensions: ['.npy'],
    magic: [0, '\x93NUMPY'],
    reader: async () => (await import('../formats/npy.js')).readNpyRows,
  },
  {
    name: 'npz',
    extensions: ['.npz'],
    // Zips with and without entries; a table may begin with a column PK.
    magic: [0, 'PK\x03\x04', 'PK\x05\x06'],
    reader: async () => (await import('../formats/npz.js')).readNpz,
  },
  {
    name: 'pytorch',
    extensions: ['.pt', '.pth'],
    reader: async () => (await import('../formats/pytorch.js')).readPytorch,
  },
  {
    name: 'parquet',
    extensions: ['.parquet', '.pq'],
    magic: [0, 'PAR1'],
    reader: async () => (await import('../formats/parquet.js')).readParquet,
    textReader: async () => (await import('../formats/parquet.js')).readParquetText,
  },
  {
    name: 'arrow',
    extensions: ['.arrow', '.feather', '.ipc', '.arrows'],
    magic: [0, 'ARROW1'],
    reader: async () => (await import('../formats/arrow.js')).readArrow,
    textReader: async () => (await import('../formats/arrow.js')).readArrowText,
  },
  {
    name: 'safetensors',
    extensions: ['.safetensors'],
    reader: async () => (await import('../formats/safetensors.js')).readSafetensors,
  },
  {
    name: 'csv',
    isText: true,
    extensions: ['.csv'],
    reader: async () => (await import('../formats/csv.js')).readCsv,
    textReader: async () => (await import('../formats/csv.js')).readCsvText,
  },
  {
    name: 'tsv',
    isText: true,
    extensions: ['.tsv', '.tab'],
    reader: async () => (await import('../formats/csv.js')).readTsv,
    textReader: async () => (await import('../formats/csv.js')).readTsvText,
  },
  {
    name: 'txt',
    isText: true,
    extensions: ['.txt', '.vec', '.glove', '.emb'],
    reader: async () => (await import('../formats/csv.js')).readTxt,
  },
  {
    name: 'word2vec',
    extensions: ['.bin', '.w2v', '.word2vec'],
    reader: async () => (await import('../formats/word2vec.js')).readWord2vec,
  },
  {
    name: 'jsonl',
    isText: true,
    extensions: ['.jsonl', '.ndjson', '.json'],
    reader: async () => (await import('../formats/jsonl.js')).readJsonl,
    textReader: async () => (await import('../formats/jsonl.js')).readJsonlText,
  },
  { name: 'fvecs', extensions: ['.fvecs'], reader: async () => (await import('../formats/vecs.js')).readFvecs },
  { name: 'bvecs', extensions: ['.bvecs'], reader: async () => (await import('../formats/vecs.js')).readBvecs },
  { name: 'ivecs', extensions: ['.ivecs'], reader: async () => (await import('../formats/vecs.js')).readIvecs },
  { name: 'hvecs', extensions: ['.hvecs'], reader: async () => (await import('../formats/vecs.js')).readHvecs },
  { name: 'fbin', extensions: ['.fbin'], reader: async () => (await import('../formats/bin.js')).readFbin },
  { name: 'f16bin', extensions: ['.f16bin'], reader: async () => (await import('../formats/bin.js')).readF16bin },
  { name: 'u8bin', extensions: ['.u8bin'], reader: async () => (await import('../formats/bin.js')).readU8bin },
  { name: 'i8bin', extensions: ['.i8bin'], reader: async () => (await import('../formats/bin.js')).readI8bin },
  {
    name: 'faiss',
    extensions: ['.faiss'],
    magic: [0, ...FAISS_MAGIC],
    reader: async () => (await import('../formats/faiss.js')).readFaiss,
  },
  {
    name: 'mtx',
    extensions: ['.mtx'],
    magic: [0, '%%MatrixMarket'],
    reader: async () => (await import('../formats/matrix-market.js')).readMatrixMarket,
  },
  {
    name: 'svmlight',
    extensions: ['.svm', '.libsvm', '.svmlight'],
    reader: async () => (await import('../formats/svmlight.js')).readSvmlight,
  },
  { name: 'sqlite', extensions: ['.sqlite', '.sqlite3', '.db'], magic: [0, 'SQLite format 3\0'], takesQuery: true },
  { name: 'duckdb', extensions: ['.duckdb'], magic: [8, 'DUCK'], takesQuery: true },
  { name: 'hdf5', extensions: ['.h5', '.hdf5', '.h5ad'], magic: [0, '\x89HDF\r\n\x1a\n'] },
];

/** Formats that are refused by name. */
const REFUSED: readonly RowFormat[] = RECOGNISED.map(({ name, extensions, magic }) => ({
  name,
  extensions,
  ...(magic && { magic }),
  reader: async () => (await import('../formats/refusals.js')).refusing(name),
}));

/** Format names: all that Node reads, and those that need no path. */
export const ALL_FORMATS: readonly string[] = FORMATS.map(({ name }) => name);
export const FORMATS_OF_BYTES: readonly string[] = FORMATS.filter(({ reader }) => reader).map(({ name }) => name);

/** Number of bytes that identify the format of a file. */
export const MAGIC_BYTES = 16;

/**
 * Returns the format of a file: by its content if possible, otherwise by `format`, otherwise by its extension. Throws FormatError, listing
 * `formats`, if it is unknown or the file is empty, and ArgumentError if `format` is unknown or contradicts the content.
 */
export async function findFormat(
  source: ByteSource,
  format: string | undefined,
  formats: readonly string[],
): Promise<RowFormat> {
  // A format that only Node reads is refused as such, not as unknown.
  if (format !== undefined && !ALL_FORMATS.includes(format)) {
    const [expected, received] = [formats.join(', '), JSON.stringify(format)];
    const message = say`expected ${expected} for ${mention.option('format')}, got ${received}`;
    throw new ArgumentError('format', message, { expected, received });
  }
  const byName = format === undefined ? formatByExtension(source.name) : FORMATS.find(({ name }) => name === format);
  checkNotEmpty(source, byName?.name ?? formats.join(', '));
  // Byte by byte, because TextDecoder's latin1 maps 0x80 to 0x9f to other characters.
  const start = String.fromCharCode(...(await source.read(0, Math.min(MAGIC_BYTES, source.size))));
  const refused = REFUSED.find((each) => beginsLike(start, each)) ?? (format ? undefined : refusedByExtension(source.name));
  const byContent = formatByContent(start);
  if (format !== undefined && byContent) checkSameFormat(source.name, format, byContent.name);
  const found = byContent ?? byName ?? refused ?? (format === undefined ? formatOfText(start) : undefined);
  if (found) return found;
  throw new FormatError(source.name, 0, 'neither its name nor its content shows the format', {
    advice: say`choose it with ${mention.option('format', 'csv')}; there are ${formats.join(', ')}`,
  });
}

/** PyTorch also writes zips, which the reader of .npz distinguishes. */
function checkSameFormat(file: string, format: string, content: string): void {
  if (format === content || (format === 'pytorch' && content === 'npz')) return;
  throw new ArgumentError(
    'format',
    say`${file}: ${mention.option('format')} says ${format}, but the file begins like ${content}`,
    {
      expected: content,
      received: format,
      advice: say`leave ${mention.option('format')} out, or give ${content}`,
    },
  );
}

/** Checked here, because each reader would describe an empty file differently, although the cause is always the same. */
export function checkNotEmpty({ name, size }: ByteSource, formats: string): void {
  if (size === 0) throw new FormatError(name, 'whole', `the file is empty; expected data as ${formats}`);
}

/** Returns the format of a file that begins with the bytes of `start`, one per character. */
export function formatByContent(start: string): RowFormat | undefined {
  return FORMATS.find((each) => beginsLike(start, each));
}

/** Returns the format that the extension of a file name indicates. */
export function formatByExtension(fileName: string): RowFormat | undefined {
  // A name whose only dot is its first character has no extension.
  const extension = /[^/\\](\.[^./\\]*)$/.exec(withoutCompression(fileName))?.[1]?.toLowerCase();
  return extension === undefined ? undefined : FORMATS.find(({ extensions }) => extensions.includes(extension));
}

function beginsLike(start: string, { magic: [offset, ...texts] = [0] }: RowFormat): boolean {
  return texts.some((text) => start.startsWith(text, offset));
}

function refusedByExtension(fileName: string): RowFormat | undefined {
  const name = withoutCompression(fileName).toLowerCase();
  return REFUSED.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
}

/** Recognises lines of JSON. */
function formatOfText(start: string): RowFormat | undefined {
  return /^\s*[[{]/.test(start) ? FORMATS.find(({ name }) => name === 'jsonl') : undefined;
}
