// Files that are compressed as a whole, as rows.csv.gz is: told by their first bytes, and by their names.

interface OuterCompression {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly magic: string;
  /** The program that decompresses such files. */
  readonly program: string;
}

/** Those that are read. */
const READ = [
  { name: 'gzip', extensions: ['.gz', '.gzip'], magic: '\x1f\x8b', program: 'gunzip' },
  { name: 'zstd', extensions: ['.zst', '.zstd'], magic: '\x28\xb5\x2f\xfd', program: 'unzstd' },
] as const satisfies readonly OuterCompression[];

export type ReadCompression = (typeof READ)[number]['name'];

/** Those without a well-kept decoder in JavaScript. */
const REFUSED: readonly OuterCompression[] = [
  { name: 'bzip2', extensions: ['.bz2'], magic: 'BZh', program: 'bunzip2' },
  { name: 'xz', extensions: ['.xz'], magic: '\xfd7zXZ\0', program: 'unxz' },
  { name: 'lz4', extensions: ['.lz4'], magic: '\x04\x22\x4d\x18', program: 'unlz4' },
];

/** 'rows.csv' for 'rows.csv.gz'. */
export function withoutCompression(fileName: string): string {
  const extensions = [...READ, ...REFUSED].flatMap((each): readonly string[] => each.extensions);
  const found = extensions.find((each) => fileName.toLowerCase().endsWith(each));
  return found === undefined ? fileName : fileName.slice(0, -found.length);
}

/** Bytes that tell how a file is compressed. */
export const COMPRESSION_MAGIC_BYTES = 6;

/** How a file that begins so is compressed as a whole: by a method that is read, by one that is not, or not at all. */
export function compressionOf(
  start: string,
): { readonly read: ReadCompression } | { readonly refused: OuterCompression } | undefined {
  const read = READ.find(({ magic }) => start.startsWith(magic));
  const refused = REFUSED.find(({ magic }) => start.startsWith(magic));
  return read ? { read: read.name } : refused && { refused };
}
