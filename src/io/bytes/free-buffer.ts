// Frees large buffers at once. Otherwise they wait for a collection of old objects, which may not come while a file is read.

/** A port that nothing listens to: what is sent to it is dropped at once. */
let nowhere: MessagePort | undefined;

/** Detaches `buffer`, which no view may use any more. */
export function freeBuffer(buffer: ArrayBuffer): void {
  freeBuffers([buffer]);
}

/** Detaches `buffers`, which must differ from each other. */
export function freeBuffers(buffers: ArrayBuffer[]): void {
  if ('transfer' in ArrayBuffer.prototype) {
    for (const buffer of buffers) (buffer as ArrayBuffer & { transfer(length: number): ArrayBuffer }).transfer(0);
    return;
  }
  // Node before 22 and older browsers. A port that is not closed yet would keep the buffers until the event loop has closed it.
  nowhere ??= closedPort();
  nowhere.postMessage(null, buffers);
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return port1;
}
