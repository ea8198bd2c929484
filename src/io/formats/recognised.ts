// Known formats that are not supported; each is refused by name (refusals.ts).

/** Formats with their extensions and first bytes. */
export const RECOGNISED: readonly {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly magic?: readonly [offset: number, ...texts: string[]];
}[] = [
  {
    name: 'MATLAB (.mat)',
    extensions: ['.mat'],
    magic: [0, 'MATLAB '],
  },
  {
    name: 'R data (.rds)',
    extensions: ['.rds', '.rda', '.rdata'],
    magic: [0, 'RDX', 'RDA'],
  },
  {
    name: 'a pickle',
    extensions: ['.pkl', '.pickle'],
    magic: [0, '\x80\x03', '\x80\x04', '\x80\x05'],
  },
  {
    name: 'joblib',
    extensions: ['.joblib'],
  },
  {
    name: 'encrypted Parquet',
    extensions: [],
    magic: [0, 'PARE'],
  },
  {
    name: 'Feather version 1',
    extensions: [],
    magic: [0, 'FEA1'],
  },
  {
    name: 'Avro',
    extensions: ['.avro'],
    magic: [0, 'Obj\x01'],
  },
  {
    name: 'ORC',
    extensions: ['.orc'],
    magic: [0, 'ORC'],
  },
];
