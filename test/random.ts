// Random numbers that are the same in every run.

/** Uniform in [0, 1); xorshift32. */
export function randomSource(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Approximately normal, of either sign. */
export function randomRows(rows: number, depth: number, seed = 1): { data: Float32Array; shape: [number, number] } {
  const random = randomSource(seed);
  const data = Float32Array.from({ length: rows * depth }, () => random() + random() + random() - 1.5);
  return { data, shape: [rows, depth] };
}
