import { describe, expect, it } from 'vitest';
import { closingLater, isUnbalanced } from '../../src/io/formats/csv-brackets.js';
import { fc } from '../property.js';

describe('brackets in cells', () => {
  it('are unbalanced if one opens or closes alone', () => {
    for (const cell of ['[', '1]', '{a', '}', '(1', ' (1', '[{]', '[]{']) expect(isUnbalanced(cell), cell).toBe(true);
    for (const cell of ['', '[1]', '{1}', '(1)', 'a (', 'a)', ':-)', '[[1] [2]]']) expect(isUnbalanced(cell), cell).toBe(false);
  });

  it('close later if the cells up to a later one are balanced together', () => {
    const cells = fc.array(fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '(', ')', ' ', 'a'), maxLength: 4 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(cells, (record) => {
        const expected = record.map(
          (cell, at) =>
            isUnbalanced(cell) && record.some((_, end) => end > at && !isUnbalanced(record.slice(at, end + 1).join(','))),
        );
        expect(closingLater(record)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
    expect(closingLater(['1', '[0.5', '2', '3]'])).toEqual([false, true, false, false]);
    expect(closingLater(['(1', '2', '3)'])).toEqual([true, false, false]);
    expect(closingLater(['(', '[0', '1]'])).toEqual([false, true, false]);
  });
});
