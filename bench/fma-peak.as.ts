// AssemblyScript, compiled by micro-kernel.ts: independent fused multiply-adds in registers, enough to hide their latency. Their rate
// is an upper bound for any 128-bit kernel in WASM.

/** Runs `iterations` times PEAK_CHAINS multiply-adds on four elements. */
export function peak(iterations: i32, first: f32, second: f32): f32 {
  const x = f32x4.splat(first),
    y = f32x4.splat(second);
  let a = x,
    b = x,
    c = x,
    d = x,
    e = x,
    f = x,
    g = x,
    h = x,
    i = x,
    j = x;
  for (let n = 0; n < iterations; n++) {
    a = f32x4.relaxed_madd(x, y, a);
    b = f32x4.relaxed_madd(x, y, b);
    c = f32x4.relaxed_madd(x, y, c);
    d = f32x4.relaxed_madd(x, y, d);
    e = f32x4.relaxed_madd(x, y, e);
    f = f32x4.relaxed_madd(x, y, f);
    g = f32x4.relaxed_madd(x, y, g);
    h = f32x4.relaxed_madd(x, y, h);
    i = f32x4.relaxed_madd(x, y, i);
    j = f32x4.relaxed_madd(x, y, j);
  }
  const abcd = f32x4.add(f32x4.add(a, b), f32x4.add(c, d)),
    efgh = f32x4.add(f32x4.add(e, f), f32x4.add(g, h));
  return f32x4.extract_lane(f32x4.add(f32x4.add(abcd, efgh), f32x4.add(i, j)), 0);
}
