import { describe, expect, it, vi } from 'vitest';
import { areDamagedVectors, parseVectorText, sampleVectors } from '#src/io/columns/vector-text.js';

const floats = Buffer.from(Float32Array.of(0.5, -0.25, 0.125, 3.7).buffer);

describe('a vector as text', () => {
  it.each([
    '[0.5, -0.25, 0.125]',
    '(0.5,-0.25,0.125)',
    '{0.5,-0.25,0.125}',
    '0.5 -0.25 0.125',
    '0.5, -0.25, 0.125',
    '0.5;-0.25;0.125',
    '0.5|-0.25|0.125',
    '[0.5 -0.25\n 0.125]',
    '[[0.5, -0.25, 0.125]]',
    'array([ 0.5 , -0.25, 0.125])',
    'array([0.5, -0.25, 0.125], dtype=float32)',
    "tensor([0.5, -0.25, 0.125], device='cuda:0', dtype=torch.float64)",
    'np.array([0.5, -0.25, 0.125])',
    '[np.float32(0.5), np.float32(-0.25), np.float32(0.125)]',
    '["0.5", "-0.25", "0.125"]',
    "['0.5', '-0.25', '0.125']",
    "[Decimal('0.5'), Decimal('-0.25'), Decimal('0.125')]",
    '{"values": [0.5, -0.25, 0.125]}',
    '{"0": 0.5, "1": -0.25, "2": 0.125}',
    '{1:0.5,2:-0.25,3:0.125}/3',
    '[5e-1, -2.5E-1, .125]',
  ])('is read from %s', (text) => {
    const found = parseVectorText(text);
    expect(found.kind === 'vector' && Array.from(found.values)).toEqual([0.5, -0.25, 0.125]);
  });

  it.each([floats.toString('base64'), `\\x${floats.toString('hex')}`])('is left as bytes in %s', (text) => {
    const found = parseVectorText(text);
    expect(found.kind === 'bytes' && Buffer.from(found.bytes).equals(floats)).toBe(true);
  });

  it.each(['', 'NULL', 'None', 'nan', 'NA', ' null '])('is missing in "%s"', (text) => {
    expect(parseVectorText(text)).toEqual({ kind: 'null' });
  });

  it.each(['[0.1 0.2 ... 0.8]', '[0.1, 0.2, ..., 0.8]', 'tensor([0.1, ..., 0.8])'])('is truncated in %s', (text) => {
    expect(parseVectorText(text)).toEqual({ kind: 'cut' });
  });

  it.each([
    'hello',
    '0.5',
    '12:30',
    '2020-01-02',
    '[0.5, x]',
    '[]',
    '<vec 0>',
    '0x1f 0x2f',
    'a b c',
    '[[1, 2], [3, 4]]',
    '{"a": [1], "b": [2]}',
  ])('is not found in %s', (text) => {
    expect(parseVectorText(text)).toEqual({ kind: 'none' });
  });
});

describe('hostile text', () => {
  it('of megabytes of base64 or hexadecimal digits takes one array of their bytes', () => {
    const bytes = Uint8Array.from({ length: 3 * 2 ** 20 }, (_, i) => i * 7);
    const from = vi.spyOn(Uint8Array, 'from');
    for (const text of [Buffer.from(bytes).toString('base64'), `\\x${Buffer.from(bytes).toString('hex')}`]) {
      const found = parseVectorText(text);
      expect(found.kind === 'bytes' && Buffer.compare(found.bytes, bytes)).toBe(0);
    }
    expect(from).not.toHaveBeenCalled();
    from.mockRestore();
  });

  it.each([', ', ';', '|', ' \n  '])('of many numbers is the same as of few, separated by %j', (separator) => {
    const numbers = Array.from({ length: 20_000 }, (_, i) => i / 8 - 1000);
    const found = parseVectorText(`[ ${numbers.join(separator)} ]`);
    expect(found.kind === 'vector' && [...Array.from(found.values)]).toEqual(numbers);
    for (const damaged of [
      [...numbers, 'x'],
      ['', ...numbers],
      [...numbers.slice(1), '1.2.3', 5],
    ]) {
      const cell = `[${damaged.join(separator)}]`;
      expect(parseVectorText(cell).kind).toBe(separator.trim() === '' && damaged[0] === '' ? 'vector' : 'none');
    }
  });

  const many = 2 ** 18;

  it.each([
    '"'.repeat(many),
    `float(${' '.repeat(many)}x`,
    `${'['.repeat(many)}${']'.repeat(many)}`,
    `${'{'.repeat(many)}${'}'.repeat(many)}`,
    `${'array('.repeat(many)}${')'.repeat(many)}`,
    `[1, array(${', dtype=a'.repeat(many)})]`,
    `array(1x${', dtype=a'.repeat(many)}=b)`,
  ])('is refused in time that grows with its length: %#', (text) => {
    expect(parseVectorText(text)).toEqual({ kind: 'none' });
  });
});

describe('a column of text', () => {
  const values = Array.from({ length: 12 }, (_, row) => Array.from({ length: 8 }, (_, i) => Math.sin(row * 8 + i)));
  const base64 = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

  it('is recognised as float32 by its bytes', () => {
    expect(sampleVectors(values.map((row) => base64(Float32Array.from(row))))).toEqual({
      kind: 'bytes',
      bytes: 32,
      float32: true,
    });
    expect(sampleVectors(values.map((row) => base64(Float64Array.from(row))))).toEqual({
      kind: 'bytes',
      bytes: 64,
      float32: false,
    });
  });

  it.each([
    ['1,000.5', '23,456.7'],
    ['1,234,567', '1,000,000'],
    ['1.234,5', '12.345,75'],
  ])('does not contain vectors if its cells can be numbers with thousands separators: %s, %s', (...cells) => {
    expect(sampleVectors(cells)).toMatchObject({ kind: 'none' });
    expect(sampleVectors([...cells, '0.5,0.25']).kind).toBe(cells[0].split(',').length === 2 ? 'vectors' : 'none');
  });

  it('contains vectors if every sampled cell that is not null does, all of one length', () => {
    expect(sampleVectors(['', '[1, 2]', '[3, 4]'])).toEqual({ kind: 'vectors', length: 2 });
    expect(sampleVectors(['[1, 2]', '[3]'])).toMatchObject({ kind: 'none' });
    expect(sampleVectors(['[1, 2]', 'x'])).toMatchObject({ kind: 'none' });
    expect(sampleVectors(['', ''])).toMatchObject({ kind: 'none' });
  });

  it.each([
    ['[0,5, 1,5]', '[2,25, 0,5]'],
    ['[0,05,1]', '[2,5,1]'],
    ['[-0,5,1,5]', '[2,5,1,5]'],
    ['[0,123456,1,5]', '[2,5,-1,75]'],
  ])('is ambiguous if commas may be decimal commas: %s, %s', (...cells) => {
    expect(sampleVectors(cells)).toEqual({ kind: 'commas' });
    expect(areDamagedVectors([...cells, 'error'])).toBe(true);
  });

  it('may contain integers, but not in a table with decimal commas', () => {
    const cells = ['[1,-5,3,4]', '[12,0,3,40000]'];
    expect(sampleVectors(cells)).toEqual({ kind: 'vectors', length: 4 });
    expect(sampleVectors(cells, ',')).toEqual({ kind: 'commas' });
  });

  it.each(['5d41402abc4b2a76b9719d911017c592', '123e4567-e89b-12d3-a456-426614174000', '1234567890123456'])(
    'is no base64 in %s',
    (text) => expect(parseVectorText(text)).toEqual({ kind: 'none' }),
  );

  it.each([
    ['cut', ['[0.1 ... 0.2]', 'error']],
    ['of two separators', ['[0,5; 1,5]', '[0,5; 2,5]']],
    ['of another length', ['[0.5, 1.5]', '[0.5, 2.5]', '[0.5]']],
    ['encoded', [...values.map((row) => base64(Float32Array.from(row))), 'error']],
  ])('is recognised in most cells of a damaged column: %s', (_, cells) => {
    expect(areDamagedVectors(cells)).toBe(true);
    expect(areDamagedVectors([...cells, ...cells.map(() => 'word'), 'word', 'word'])).toBe(false);
  });

  it('does not treat a few integers without brackets as a vector', () => {
    expect(sampleVectors(['1920 1080', '640 480'])).toMatchObject({ kind: 'none' });
    expect(sampleVectors(['0.5 1', '1 0'])).toEqual({ kind: 'vectors', length: 2 });
  });
});
