// How JSON.stringify writes the results of calls without a matrix. By default, it would write a typed array as { "0": ..., "1": ... }.

/** Makes JSON.stringify write the typed arrays of `result` as plain arrays. Returns `result`. */
export function withPlainJson<T extends object>(result: T): T {
  // Not enumerable, so that results can be posted to other threads, which do not accept functions.
  return Object.defineProperty(result, 'toJSON', { value: plainArrays });
}

function plainArrays(this: object): Record<string, unknown> {
  const entries = Object.entries(this).map(([name, value]) => [
    name,
    ArrayBuffer.isView(value) ? Array.from(value as never) : plainIds(value),
  ]);
  return Object.fromEntries(entries);
}

/** Writes bigint ids as strings, because JSON has no numbers for them. */
function plainIds(value: unknown): unknown {
  return Array.isArray(value) ? value.map((id) => (typeof id === 'bigint' ? String(id) : id)) : value;
}
