// zstd decoded by JavaScript, a block at a time: in browsers, and in Node before 22.15.

/** What the frames in `packed` become. Throws an Error where they are damaged. */
export async function* unzstdByScript(
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { Decompress } = await import('fzstd');
  const blocks: Uint8Array[] = [];
  const stream = new Decompress((block) => blocks.push(block));
  for await (const piece of packed) {
    stream.push(piece);
    yield* blocks.splice(0);
  }
  stream.push(new Uint8Array(0), true);
  yield* blocks;
}
