// Determines the type of a picture by its first bytes. Lists of pictures often come from others, and a name does not show what is stored,
// or linked, under it.

/** Number of bytes that determine the type. */
export const TYPE_BYTES = 64;

/** Returns the media type of a picture that begins with `bytes`; undefined if it is not supported. */
export function pictureTypeOf(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, TYPE_BYTES));
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (/^RIFF.{4}WEBP/s.test(start)) return 'image/webp';
  // One of the brands that its first box lists.
  if (/^.{4}ftyp(?:.{4})*?avi[fs]/s.test(start)) return 'image/avif';
  return undefined;
}
