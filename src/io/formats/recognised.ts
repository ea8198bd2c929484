// Formats that are known, and not read: each is refused by its name, with the line that makes a file of it that is.

import { UnsupportedError } from '../../errors.js';
import type { RowReader } from '../row-reader.js';

const PICKLE = "import pickle, numpy as np; np.save('rows.npy', np.stack(pickle.load(open(path, 'rb'))))";

/** Formats by their extensions and first bytes, and how to convert them. */
export const RECOGNISED: readonly {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly magic?: readonly [offset: number, ...texts: string[]];
  readonly remedy: string;
}[] = [
  {
    name: 'MATLAB (.mat)',
    extensions: ['.mat'],
    magic: [0, 'MATLAB '],
    remedy: "in Python: np.save('rows.npy', scipy.io.loadmat(path)['NAME']), or in MATLAB: writematrix(NAME, 'rows.csv')",
  },
  {
    name: 'R data (.rds)',
    extensions: ['.rds', '.rda', '.rdata'],
    magic: [0, 'RDX', 'RDA'],
    remedy: "in R: arrow::write_parquet(as.data.frame(readRDS(path)), 'rows.parquet')",
  },
  {
    name: 'a pickle',
    extensions: ['.pkl', '.pickle'],
    magic: [0, '\x80\x03', '\x80\x04', '\x80\x05'],
    remedy: `it can run any code when it is loaded; in Python: ${PICKLE}`,
  },
  {
    name: 'joblib',
    extensions: ['.joblib'],
    remedy: "it can run any code when it is loaded; in Python: np.save('rows.npy', np.asarray(joblib.load(path)))",
  },
  {
    name: 'encrypted Parquet',
    extensions: [],
    magic: [0, 'PARE'],
    remedy: 'write it without encryption',
  },
  {
    name: 'Feather version 1',
    extensions: [],
    magic: [0, 'FEA1'],
    remedy: 'in Python: df.to_feather(path, version=2)',
  },
  {
    name: 'Avro',
    extensions: ['.avro'],
    magic: [0, 'Obj\x01'],
    remedy: "with DuckDB: COPY (FROM read_avro('FILE')) TO 'rows.parquet'",
  },
  {
    name: 'ORC',
    extensions: ['.orc'],
    magic: [0, 'ORC'],
    remedy: "in Python: pyarrow.parquet.write_table(pyarrow.orc.read_table(path), 'rows.parquet')",
  },
];

/** A reader that refuses. */
export function refusing(format: string, remedy: string): RowReader {
  return async ({ name }) => {
    throw new UnsupportedError(`${name}: ${format} cannot be read; convert it, ${remedy}`);
  };
}
