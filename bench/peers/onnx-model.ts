// The ONNX model: scales rows to unit length and multiplies them with themselves. An .onnx file is a protocol buffer, and writing two
// nodes by hand is simpler than adding a package.

const LENGTHS = 2;
const FLOAT = 1;

/** Maps x (N, D) to s (N, N); zero rows give zeros. */
export function cosineModel(): Uint8Array {
  const node = (inputs: string[], output: string, operator: string, ...attributes: Uint8Array[]) =>
    message(...inputs.map((name) => text(1, name)), text(2, output), text(4, operator), ...attributes);
  const integer = (name: string, value: number) => bytes(5, message(text(1, name), varint(3, value), varint(20, 2)));
  const tensor = (name: string, ...dimensions: string[]) => {
    const shape = message(...dimensions.map((dimension) => bytes(1, message(text(2, dimension)))));
    return message(text(1, name), bytes(2, message(bytes(1, message(varint(1, FLOAT), bytes(2, shape))))));
  };
  const graph = message(
    bytes(1, node(['x'], 'unit', 'LpNormalization', integer('axis', 1), integer('p', 2))),
    bytes(1, node(['unit', 'unit'], 's', 'Gemm', integer('transB', 1))),
    text(2, 'cosine'),
    bytes(11, tensor('x', 'N', 'D')),
    bytes(12, tensor('s', 'N', 'M')),
  );
  const OPERATORS = 13;
  return message(varint(1, 8), bytes(7, graph), bytes(8, message(text(1, ''), varint(2, OPERATORS))));
}

function message(...fields: Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function varint(field: number, value: number): Uint8Array {
  return Uint8Array.from([...number(field << 3), ...number(value)]);
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...number((field << 3) | LENGTHS), ...number(content.length)]), content]);
}

function text(field: number, content: string): Uint8Array {
  return bytes(field, Buffer.from(content));
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}
