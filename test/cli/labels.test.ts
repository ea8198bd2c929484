import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLabelTable } from '../../src/cli/labels.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-labels-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function labelsOf(text: string | Uint8Array, rows: number, column = '', name = 'labels.txt'): Promise<readonly string[]> {
  const path = join(folder, name);
  await writeFile(path, text);
  return (await readLabelTable(`${path}${column && ':'}${column}`, rows)).labels().values;
}

describe('a file with one line more than there are rows', () => {
  it.each<[what: string, text: string, column?: string]>([
    ['is what such a column is called', 'label\na\nb\n'],
    ['is a word above numbers', 'digit\n1\n2\n'],
    ['names several columns', 'x\ty\na\tb\nc\td\n'],
    ['is asked for by name', 'fruit\na\nb\n', 'fruit'],
  ])('begins with a line of names if the first line %s', async (_, text, column) => {
    const expected = text
      .split('\n')
      .slice(1, 3)
      .map((line) => line.split('\t').at(-1));
    expect(await labelsOf(text, 2, column)).toEqual(expected);
  });

  it.each(['apple\npear\nplum\n', '1\n2\n3\n', 'name\na\nname\n'])(
    'is refused if the first line can be a label: %j',
    async (text) => {
      await expect(labelsOf(text, 2)).rejects.toThrow('3 lines for 2 rows; the first, ');
      await expect(labelsOf(text, 2)).rejects.toThrow(
        'may name the column, or one label is too many; if it is the name, use --labels',
      );
    },
  );

  it('is treated alike if a column is selected by its number', async () => {
    expect(await labelsOf('id,word\n1,a\n2,b\n', 2, '2', 't.csv')).toEqual(['a', 'b']);
    expect(await labelsOf('kind,word\nx,a\ny,b\n', 2, '2', 't.csv')).toEqual(['a', 'b']);
    await expect(labelsOf('x,apple\ny,pear\nz,plum\n', 2, '2', 't.csv')).rejects.toThrow(
      '3 lines for 2 rows; the first, "apple"',
    );
  });
});

describe('a file with several columns', () => {
  it('has the names in the column that its first line names so', async () => {
    expect(await labelsOf('name\tscore\na\t1\nb\t2\n', 2)).toEqual(['a', 'b']);
    expect(await labelsOf('name\tscore\na\t1\nb\t2\n', 2, 'score')).toEqual(['1', '2']);
  });

  it('has the names in the last column if no column has a usual name', async () => {
    expect(await labelsOf('lang\tx\nde\ta\nfr\tb\n', 2)).toEqual(['a', 'b']);
    expect(await labelsOf('name\ta\nfr\tb\n', 2)).toEqual(['a', 'b']);
  });

  it('is refused if two columns may name the rows, and lists them', async () => {
    await expect(labelsOf('text\tlabel\nx\ta\ny\tb\n', 2)).rejects.toThrow(
      /the columns text and label may each name the rows; choose one, for example \S+labels.txt:label$/,
    );
    expect(await labelsOf('text\tlabel\nx\ta\ny\tb\n', 2, 'text')).toEqual(['x', 'y']);
  });

  it.each(['1,a\n2,b\n', '"a, b"\nc\n'])(
    'is refused if its name is that of a table and no column is selected: %j',
    async (text) => {
      await expect(labelsOf(text, 2, '', 'n.csv')).rejects.toThrow(
        'line 1 may hold several cells of a table, or one name; name the column of the table by its name or number',
      );
      expect(await labelsOf('a\nb\n', 2, '', 'n.csv')).toEqual(['a', 'b']);
    },
  );
});

it('has no header with exactly one line per row', async () => {
  expect(await labelsOf('label\na\n', 2)).toEqual(['label', 'a']);
});

it.each<[encoding: string, bytes: Uint8Array]>([
  ['UTF-8', Buffer.from('Müller\nMäller\n')],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffMüller\r\nMäller\r\n')],
  ['Latin-1', Buffer.from('Müller\nMäller\n', 'latin1')],
  ['UTF-8 in one line and Latin-1 in another', Buffer.concat([Buffer.from('Müller\n'), Buffer.from('Mäller', 'latin1')])],
  ['UTF-16', Buffer.from('\ufeffMüller\nMäller\n', 'utf16le')],
  ['big-endian UTF-16', Buffer.from('\ufeffMüller\nMäller\n', 'utf16le').swap16()],
])('reads names in %s', async (_, bytes) => {
  expect(await labelsOf(bytes, 2)).toEqual(['Müller', 'Mäller']);
});
