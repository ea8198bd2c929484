// What is fuzzed: each reader of rows and each reader of names, with valid files of its format.

import { gzipSync } from 'node:zlib';
import type { ByteSource } from '#src/io/bytes/byte-source.js';
import { createRowStore } from '#src/io/bytes/temporary-file.js';
import { readArrow, readArrowText } from '#src/io/formats/arrow.js';
import { readF16bin, readFbin, readI8bin, readU8bin } from '#src/io/formats/bin.js';
import { readCsv, readCsvText, readTsv, readTsvText, readTxt } from '#src/io/formats/csv.js';
import { readFaiss } from '#src/io/formats/faiss.js';
import { readJsonl, readJsonlText } from '#src/io/formats/jsonl.js';
import { readMatrixMarket } from '#src/io/formats/matrix-market.js';
import { readNpyRows } from '#src/io/formats/npy.js';
import { readNpz } from '#src/io/formats/npz.js';
import { readParquet, readParquetText } from '#src/io/formats/parquet.js';
import { readPytorch } from '#src/io/formats/pytorch.js';
import { readSafetensors } from '#src/io/formats/safetensors.js';
import { readSvmlight } from '#src/io/formats/svmlight.js';
import { readBvecs, readFvecs, readHvecs, readIvecs } from '#src/io/formats/vecs.js';
import { readWord2vec } from '#src/io/formats/word2vec.js';
import { decodeNpy } from '#src/io/rows/npy.js';
import { openCompressed } from '#src/io/rows/open-compressed.js';
import { FORMATS_OF_BYTES, findFormat } from '#src/io/rows/row-formats.js';
import type { RowReader, TextReader } from '#src/io/rows/row-reader.js';
import { zstdFrame } from './files.js';
import { below, mutate, type Random } from './mutate.js';
import { readAllRows, readAllTexts } from './read-rows.js';
import {
  ARROW,
  BVECS,
  COMPRESSED,
  CSV,
  F16BIN,
  FAISS,
  FBIN,
  FVECS,
  HVECS,
  I8BIN,
  IVECS,
  JSON_DOCUMENTS,
  JSONL,
  MTX,
  NPY,
  NPZ,
  PARQUET,
  PYTORCH,
  SAFETENSORS,
  SPARSE_NPZ,
  SVMLIGHT,
  TSV,
  TXT,
  U8BIN,
  WORD2VEC,
} from './seeds.js';
import { fieldsOfArrow } from './structure/arrow.js';
import { changeHeader, changeNpy, changePickle, changeSafetensors, changeWord2vec, changeZip } from './structure/binary.js';
import { changeFields, fieldsOnce } from './structure/fields.js';
import { changeParquet } from './structure/parquet.js';
import { changeText } from './structure/text.js';

type Change = (seed: Uint8Array, random: Random) => Uint8Array;

export interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Changes a seed by the structure of its format. The default is that of CHANGES. */
  readonly change?: Change;
  /** Memory that a library may reserve without using it. */
  readonly reservedBytes?: number;
  /** Opens the file and reads all of it in one of several ways. Calls `onStep` in between with the bytes of each part. */
  read(source: ByteSource, way: number, onStep: (bytes: number) => void): Promise<void>;
}

/** Reads the rows of the columns that the reader chooses, or of these columns, which some of the seeds have. */
function rows(name: string, read: RowReader, seeds: readonly Uint8Array[], ...columns: readonly string[]): Target {
  const ways = [undefined, ...columns];
  return { name, seeds, read: (source, way, onStep) => readAllRows(read, source, ways[way % ways.length], onStep) };
}

function names(
  name: string,
  read: TextReader,
  seeds: readonly Uint8Array[],
  ...columns: readonly [string, ...string[]]
): Target {
  return {
    name,
    seeds,
    read: (source, way, onStep) => readAllTexts(read, source, columns[way % columns.length] as string, onStep),
  };
}

const arrowFieldsOf = fieldsOnce(fieldsOfArrow);
const changeArrow: Change = (seed, random) => changeFields(seed, arrowFieldsOf(seed), random);

/** Changes the compressed content, or the bytes around it. */
const changeCompressed: Change = (seed, random) => {
  const inner = COMPRESSED.get(seed) as Uint8Array;
  if (random() < 0.4) return mutate([seed], random);
  const changed = inner[0] === 0x93 ? changeNpy(inner, random) : changeText(inner, random);
  return below(2, random) === 0 ? new Uint8Array(gzipSync(changed, { level: 1 })) : zstdFrame(changed);
};

/** Decompresses a file, finds its format by its first bytes or by the name `name`, and reads it. */
async function readFound(source: ByteSource, name: string, onStep: (bytes: number) => void): Promise<void> {
  const bytes = await openCompressed(source, () => createRowStore(2 ** 24), undefined);
  const { reader } = await findFormat({ ...bytes, name }, undefined, FORMATS_OF_BYTES);
  await readAllRows(await (reader as () => Promise<RowReader>)(), bytes, undefined, onStep);
}

/**
 * Functions that change the files of each reader by their structure. Files of the other readers are changed by the words of their headers.
 */
const CHANGES: Readonly<Record<string, Change>> = {
  decodeNpy: changeNpy,
  npy: changeNpy,
  npz: changeZip(changeNpy),
  'sparse npz': changeZip(changeNpy),
  safetensors: changeSafetensors,
  pytorch: changeZip(changePickle),
  parquet: changeParquet,
  'parquet names': changeParquet,
  arrow: changeArrow,
  'arrow names': changeArrow,
  word2vec: changeWord2vec,
  compressed: changeCompressed,
  ...Object.fromEntries(
    ['csv', 'tsv', 'txt', 'mtx', 'svmlight', 'json', 'jsonl', 'csv names', 'tsv names', 'jsonl names'].map((name) => [
      name,
      changeText,
    ]),
  ),
};

/** Returns a copy of a seed of `target`, changed by the structure of its format. */
export function changeSeed({ name, seeds, change = CHANGES[name] }: Target, seed: number, random: Random): Uint8Array {
  return (change ?? changeHeader)(seeds[seed % seeds.length] as Uint8Array, random);
}

export const TARGETS: readonly Target[] = [
  {
    name: 'decodeNpy',
    seeds: NPY,
    async read(source) {
      decodeNpy(await source.read(0, source.size), source.name);
    },
  },
  rows('npy', readNpyRows, NPY, 'x'),
  rows('npz', readNpz, NPZ, 'a'),
  rows('sparse npz', readNpz, SPARSE_NPZ),
  rows('mtx', readMatrixMarket, MTX),
  rows('svmlight', readSvmlight, SVMLIGHT),
  rows('safetensors', readSafetensors, SAFETENSORS, 'a'),
  rows('faiss', readFaiss, FAISS),
  rows('pytorch', readPytorch, PYTORCH, 'ids', 'state.emb.weight'),
  rows('fvecs', readFvecs, FVECS),
  rows('bvecs', readBvecs, BVECS),
  rows('ivecs', readIvecs, IVECS),
  rows('hvecs', readHvecs, HVECS),
  rows('f16bin', readF16bin, F16BIN),
  rows('fbin', readFbin, FBIN),
  rows('u8bin', readU8bin, U8BIN),
  rows('i8bin', readI8bin, I8BIN),
  rows('parquet', readParquet, PARQUET, 'x,n', 'b', 'embedding', 'text', 'doc.v', 'd0,d1', 'dec', 'v', 'first.v'),
  rows('arrow', readArrow, ARROW, 'x,n', 'b', 'embedding', 'text', 'doc.v', 'd0,d1', 'dec', 'listdict', 'views', 'v', 'first'),
  rows('csv', readCsv, CSV, 'd*', '1,2'),
  rows('tsv', readTsv, TSV, 'd*'),
  rows('txt', readTxt, TXT, '1..2'),
  rows('word2vec', readWord2vec, WORD2VEC),
  rows('jsonl', readJsonl, JSONL, 'a.vector'),
  rows('json', readJsonl, JSON_DOCUMENTS, 'data.embedding', 'vectors'),
  {
    name: 'compressed',
    seeds: [...COMPRESSED.keys()],
    read: (source, way, onStep) => readFound(source, way % 2 === 0 ? 'input' : 'input.csv', onStep),
  },
  names('parquet names', readParquetText, PARQUET, 'id', 'x', 'first'),
  names('arrow names', readArrowText, ARROW, 'id', 'x', 'view', 'first'),
  names('csv names', readCsvText, CSV, 'id', '1'),
  names('tsv names', readTsvText, TSV, 'id', '1'),
  names('jsonl names', readJsonlText, JSONL.slice(1), 'id', 't'),
];
