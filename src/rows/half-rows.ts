import { decodeHalves, type HalfType } from './element-type.js';
import { StridedRows } from './row-source.js';

/** Rows of 16-bit floating-point numbers whose bits are in a Uint16Array. They are decoded as they are copied. */
export class HalfRows extends StridedRows {
  constructor(
    private readonly type: HalfType,
    ...layout: ConstructorParameters<typeof StridedRows>
  ) {
    super(...layout);
  }

  override copyRows(from: number, to: number, target: Float32Array | Float64Array, at: number): void {
    super.copyRows(from, to, target, at);
    decodeHalves(this.type, target, at, at + (to - from) * this.depth);
  }
}
