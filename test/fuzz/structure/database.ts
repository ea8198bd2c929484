// The fields of the files that libraries read: the pages of SQLite, and the objects of HDF5.

import type { Random } from '../mutate.js';
import { changeFields, type Field, fieldsOnce, wordsOf } from './fields.js';

/** The header of a database, before its first page. https://www.sqlite.org/fileformat2.html */
const SQLITE_HEADER_BYTES = 100;
/** The headers of a cell: the length of its content, its number, and the types of its columns, as numbers of variable length. */
const CELL_HEADER_BYTES = 16;
const MAX_CELLS = 50;

const sqliteFieldsOf = fieldsOnce((file) => {
  const fields: Field[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const add = (at: number, bytes: Field['bytes'], kind: string) => {
    if (at + bytes <= file.length) fields.push({ at, bytes, kind, bigEndian: true });
  };
  for (let at = 16; at < SQLITE_HEADER_BYTES; at += at < 24 ? 2 : 4) add(at, at < 24 ? 2 : 4, `header ${at}`);
  const pageBytes = view.getUint16(16);
  for (let page = 0; page < file.length; page += pageBytes) {
    const start = page === 0 ? SQLITE_HEADER_BYTES : page;
    for (const [at, bytes] of [
      [0, 1],
      [1, 2],
      [3, 2],
      [5, 2],
      [7, 1],
      [8, 4],
    ] as const)
      add(start + at, bytes, `page ${at}`);
    const pointers = start + ([2, 5].includes(view.getUint8(start)) ? 12 : 8);
    for (let cell = 0; cell < Math.min(MAX_CELLS, view.getUint16(start + 3)); cell++) {
      add(pointers + 2 * cell, 2, 'pointer');
      const place = page + view.getUint16(pointers + 2 * cell);
      for (let i = 0; i < CELL_HEADER_BYTES; i++) add(place + i, 1, `cell ${i}`);
    }
  }
  return fields;
});

export function changeSqlite(file: Uint8Array, random: Random): Uint8Array {
  return changeFields(file, sqliteFieldsOf(file), random);
}

/** What the objects of HDF5 begin with. The first bytes of a file hold the objects that have no such words. */
const HDF5_SIGNATURES = [
  '\x89HDF',
  'TREE',
  'SNOD',
  'HEAP',
  'GCOL',
  'OHDR',
  'OCHK',
  'FRHP',
  'FHDB',
  'FHIB',
  'BTHD',
  'BTLF',
  'BTIN',
];
const HDF5_OBJECT_BYTES = 96;
const HDF5_FIRST_BYTES = 4096;

const hdf5FieldsOf = fieldsOnce((file) => {
  const text = Buffer.from(file.buffer, file.byteOffset, file.length).toString('latin1');
  const fields = wordsOf(0, Math.min(file.length, HDF5_FIRST_BYTES), 'word');
  for (const signature of HDF5_SIGNATURES) {
    for (let at = text.indexOf(signature); at >= 0; at = text.indexOf(signature, at + 1))
      fields.push(...wordsOf(at, Math.min(file.length, at + HDF5_OBJECT_BYTES), signature));
  }
  return fields;
});

export function changeHdf5(file: Uint8Array, random: Random): Uint8Array {
  return changeFields(file, hdf5FieldsOf(file), random);
}
