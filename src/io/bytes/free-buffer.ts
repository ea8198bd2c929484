// Frees large buffers at once. Otherwise they wait for a collection of old objects, which may not come while a file is read.

/** Detaches `buffer`, which no view may use any more. */
export function freeBuffer(buffer: ArrayBuffer): void {
  const { transfer } = buffer as { transfer?: (length: number) => ArrayBuffer };
  if (transfer) {
    transfer.call(buffer, 0);
    return;
  }
  // Before Node 22 and in older browsers: a message that nothing receives is dropped with its buffer.
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(null, [buffer]);
  port1.close();
}
