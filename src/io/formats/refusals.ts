// Advice on converting unsupported formats to supported ones.

import { UnsupportedError } from '../../errors.js';
import type { RowReader } from '../rows/row-reader.js';

const PICKLE = "import pickle, numpy as np; np.save('rows.npy', np.stack(pickle.load(open(path, 'rb'))))";

const REMEDIES: Readonly<Record<string, string>> = {
  'MATLAB (.mat)':
    "in Python: np.save('rows.npy', scipy.io.loadmat(path)['NAME']), or in MATLAB: writematrix(NAME, 'rows.csv')",
  'R data (.rds)': "in R: arrow::write_parquet(as.data.frame(readRDS(path)), 'rows.parquet')",
  'a pickle': `it can run any code when it is loaded; in Python: ${PICKLE}`,
  joblib: "it can run any code when it is loaded; in Python: np.save('rows.npy', np.asarray(joblib.load(path)))",
  'encrypted Parquet': 'write it without encryption',
  'Feather version 1': 'in Python: df.to_feather(path, version=2)',
  Avro: "with DuckDB: COPY (FROM read_avro('FILE')) TO 'rows.parquet'",
  ORC: "in Python: pyarrow.parquet.write_table(pyarrow.orc.read_table(path), 'rows.parquet')",
};

/** Returns a reader that refuses a format. */
export function refusing(format: string): RowReader {
  return async ({ name }) => {
    throw new UnsupportedError(`${name}: ${format} cannot be read`, { advice: `convert it, ${REMEDIES[format]}` });
  };
}
