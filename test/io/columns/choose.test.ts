import { describe, expect, it } from 'vitest';
import { COMMAND_WORDING } from '#src/command-wording.js';
import { AllpairsError, messageIn } from '#src/errors.js';
import { chooseColumns } from '#src/io/columns/choose.js';
import type { Column, ColumnKind } from '#src/io/columns/column.js';

const KINDS: Record<string, ColumnKind> = { f: 'float', i: 'integer', v: 'vector', o: 'other', n: 'null' };
const MOSTLY: Record<string, 'vector' | 'float'> = { V: 'vector', F: 'float' };

/** Returns 'id:i d0:f' as columns: the name before the colon, the kind after it. */
function table(text: string): Column[] {
  return text.split(' ').map((cell) => {
    const [name = '', kind = 'o'] = cell.split(':');
    const mostly = MOSTLY[kind];
    if (mostly) return { name, kind: 'other', type: 'text', mostly };
    return { name, kind: KINDS[kind] as ColumnKind, type: KINDS[kind] as string };
  });
}

function choose(text: string, selector?: string, named = true) {
  return chooseColumns({ file: 'f.csv', columns: table(text), named, selector });
}

function refusal(text: string, selector?: string, named = true): string {
  try {
    choose(text, selector, named);
  } catch (error) {
    if (error instanceof AllpairsError) return messageIn(error, COMMAND_WORDING);
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the columns of the rows', () => {
  it.each([
    ['id:i embedding:v text:o', [1]],
    ['label:i d0:f d1:f d2:f', [1, 2, 3]],
    ['d0:f d1:f target:i', [0, 1]],
    [':i 0:f 1:f 2:f', [1, 2, 3]],
    ['Unnamed:0:i 0:f 1:f', [1, 2]],
    ['d10:f d9:f d8:f year:i', [2, 1, 0]],
    ['emb[0]:f emb[1]:f price:f', [0, 1]],
    ['d0:f d1:i d2:f', [0, 1, 2]],
  ])('are chosen from %s', (text, expected) => {
    expect(choose(text).columns).toEqual(expected);
  });

  it.each([
    ['0.1:f 2:f label:i', false, [0, 1]],
    ['a:i b:f c:f d:o', false, [1, 2]],
    ['a:f b:i c:f e:n', false, [0, 1, 2]],
  ])('are chosen from %s in a table without names', (text, named, expected) => {
    expect(choose(text, undefined, named).columns).toEqual(expected);
  });

  it.each([
    ['id:i name:o', 'no run of floating-point columns'],
    ['id:i price:f', 'no run of floating-point columns'],
    ['x:f y:f z:f', '--column x..z'],
    ['p0:i p1:i p2:i', '--column p0..p2'],
    ['a:v b:v', '--column a or --column b'],
    ['tags:v d0:f d1:f', '--column tags or --column d0,d1'],
    ['a0:f a1:f b0:f b1:f', '--column a0,a1 or --column b0,b1'],
    ['V1:i V2:f V3:f V4:f', '--column V2..V4 or --column V1..V4'],
    ['d0:f d1:o d2:f d3:f', 'no run'],
    ['d0:f d2:f d3:f', 'no run'],
    ['d1:f d01:f d2:f', 'no run'],
    ['d0:f d1:f d1:f d2:f', '--column 1..4'],
    ['e:v e:v', '--column 1 or --column 2'],
    ['e:V', 'column e holds vectors in most rows, but not in all (text); mend it'],
    ['e:V bbox:v', 'mend it, or choose --column bbox'],
    ['e:V d0:f d1:f', 'column e holds vectors in most rows'],
    ['d0:f d1:F d2:f x1:f x2:f', 'columns d0 to d2 may be the rows, but d1 holds text; mend it, or choose --column x1,x2'],
    ['d0:f d2:f d3:f bbox:v', 'but d1 is missing; mend it, or choose --column bbox'],
    ['d0:f d1:n d2:f bbox:v', 'but d1 holds null'],
    ['d0:f d1:f d2:F', 'no run'],
  ])('are refused in %s', (text, says) => {
    expect(refusal(text)).toContain(says);
  });

  it.each([
    ['label:i pixel0:i pixel1:i pixel2:i', ['--column pixel0..pixel2']],
    ['id:i x:f y:f z:f label:i', ['--column x..z']],
    ['id:i x:f label:i y:f', ['--column x,y']],
    ['p0:f p1:i p2:i p3:i id:i', []],
    ['id:i age:i zip:i user_id:f Unnamed:f', []],
  ])('are suggested from %s without ids and labels', (text, choices) => {
    const said = refusal(text);
    expect(said).toContain(' there are ');
    expect(said.match(/--column \S+/g) ?? []).toEqual(choices);
  });

  it('are refused if a column at the end of a table without names is damaged', () => {
    expect(refusal('a:F b:f c:f', undefined, false)).toContain('no run');
  });

  it.each([
    ['id:i d0:f d1:f x:f', 'd*', [1, 2]],
    ['d0:f d1:f d10:f d2:f', 'd*', [0, 1, 3, 2]],
    ['d0:f d1:f d10:f d2:f', 'd0..d2', [0, 1, 3]],
    ['a:i b:f c:f d:f', '2..4', [1, 2, 3]],
    ['a:i b:f c:f d:f', 'b..d', [1, 2, 3]],
    ['0:f 1:f 2:f 3:f', '1..2', [1, 2]],
    ['a,b:v c:v', 'a,b', [0]],
    ['p0:i p1:i', 'p0,p1', [0, 1]],
    ['d8:f d9:f d010:f', 'd8..d010', [0, 1, 2]],
    ['d0:f d1:f d1:f d2:f', '2,3', [1, 2]],
    ['e:v e:v', '2', [1]],
  ])('are chosen from %s by the selector %s', (text, selector, expected) => {
    expect(choose(text, selector).columns).toEqual(expected);
  });

  it.each([
    ['id:i d0:f', 'id', 'one number a row'],
    ['text:o d0:f', 'text', 'cannot be rows'],
    ['a:v d0:f', 'a,d0', 'select it alone'],
    ['a:f b:f', 'a,b,a', 'twice'],
    ['a:f b:f', 'c*', 'no column matches'],
    ['d0:f d1:f d3:f', 'd0..d3', 'there is no column d2'],
    ['d0:f d1:f d1:f d2:f', 'd0..d2', '--column 2 or --column 3'],
    ['e:v e:v', 'e', '--column 1 or --column 2'],
    ['1:f 1:f', '1', 'rename them'],
  ])('are refused in %s with the selector %s', (text, selector, says) => {
    expect(refusal(text, selector)).toContain(says);
  });

  it('are reported with the columns that were not used', () => {
    expect(choose('Unnamed:0:i 0:f 1:f 2:f label:o').origin).toEqual({
      from: 'columns 0..2',
      notUsed: ['Unnamed', 'label'],
      columns: ['0', '1', '2'],
    });
    expect(choose('id:i embedding:v').origin).toEqual({ from: 'column embedding', notUsed: ['id'], columns: ['embedding'] });
  });
});
