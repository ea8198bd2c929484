// What a file is a picture of, by its first bytes: a list of pictures often comes from somebody else, and a name says nothing of what
// lies, or is linked to, under it.

/** As many as tell the type. */
export const TYPE_BYTES = 64;

/** The media type of a picture that begins with `bytes`; undefined where none of ours does. */
export function pictureTypeOf(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, TYPE_BYTES));
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (/^RIFF.{4}WEBP/s.test(start)) return 'image/webp';
  // A brand among those that its first box lists.
  if (/^.{4}ftyp(?:.{4})*?avi[fs]/s.test(start)) return 'image/avif';
  return undefined;
}
