// Files that are compressed as a whole, such as rows.csv.gz, recognised by their first bytes and by their names.

interface OuterCompression {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly magic: string;
  /** The program that decompresses such files. */
  readonly program: string;
}

/** Supported methods. */
const READ = [
  { name: 'gzip', extensions: ['.gz', '.gzip'], magic: '\x1f\x8b', program: 'gunzip' },
  { name: 'zstd', extensions: ['.zst', '.zstd'], magic: '\x28\xb5\x2f\xfd', program: 'unzstd' },
] as const satisfies readonly OuterCompression[];

export type ReadCompression = (typeof READ)[number]['name'];

/** Methods without a well-maintained decoder in JavaScript. */
const REFUSED: readonly OuterCompression[] = [
  { name: 'bzip2', extensions: ['.bz2'], magic: 'BZh', program: 'bunzip2' },
  { name: 'xz', extensions: ['.xz'], magic: '\xfd7zXZ\0', program: 'unxz' },
  { name: 'lz4', extensions: ['.lz4'], magic: '\x04\x22\x4d\x18', program: 'unlz4' },
];

/** Returns 'rows.csv' for 'rows.csv.gz'. */
export function withoutCompression(fileName: string): string {
  const extensions = [...READ, ...REFUSED].flatMap((each): readonly string[] => each.extensions);
  const found = extensions.find((each) => fileName.toLowerCase().endsWith(each));
  return found === undefined ? fileName : fileName.slice(0, -found.length);
}

/** Number of bytes needed to recognise the compression of a file. */
export const COMPRESSION_MAGIC_BYTES = 6;

/** Returns how a file with these first bytes is compressed as a whole: by a supported method, an unsupported one, or not at all. */
export function compressionOf(
  start: string,
): { readonly read: ReadCompression } | { readonly refused: OuterCompression } | undefined {
  const read = READ.find(({ magic }) => start.startsWith(magic));
  const refused = REFUSED.find(({ magic }) => start.startsWith(magic));
  return read ? { read: read.name } : refused && { refused };
}
