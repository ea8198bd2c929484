/** Roughly normal rows of either sign, the same in every run (xorshift32). */
export function randomRows(rows: number, depth: number, seed = 1): { data: Float32Array; shape: [number, number] } {
  let state = seed;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    data: Float32Array.from({ length: rows * depth }, () => random() + random() + random() - 1.5),
    shape: [rows, depth],
  };
}
