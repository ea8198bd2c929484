// What the local page is told about the rows it shows: the one thing that web/ and the command `view` share. The command puts it
// as JSON into the page's <script id="page-data">, which is `null` in the page as built: that one takes a dropped file.

export interface PageData {
  /** Of the input, without its folder. */
  readonly name: string;
  readonly rows: number;
  readonly depth: number;
  /** Where the rows are, as a .npy of float32 or float64: an address relative to the page, or `#id` of a script with base64. */
  readonly source: string;
  readonly nonFinite: 'throw' | 'zero';
  /** A name for each row. */
  readonly labels: readonly string[] | null;
  /** The column that these are from; null where there are none. */
  readonly labelColumn: string | null;
  /** What rows can be coloured by: columns of few different values. */
  readonly columns: readonly LabelColumn[];
  /** Other columns, which are shown where rows are compared. */
  readonly carried: readonly LabelColumn[];
  readonly images: RowImages | null;
  /** Decisions that were saved before; null where there are none. */
  readonly decisions: SavedDecisions | null;
  readonly saving: Saving;
}

export interface LabelColumn {
  readonly name: string;
  /** One for each row. */
  readonly values: readonly string[];
  /** Numbers that compare as the values do, where all values are numbers or dates; null for a row without a value. */
  readonly order?: readonly (number | null)[];
  /** Whether the values were made from another column, to colour by. */
  readonly derived?: boolean;
}

/** Where the page can save, as addresses relative to it; null where nothing takes it. */
export interface Saving {
  /** Takes `SavedDecisions`. */
  readonly decisions: string | null;
  /** Takes a list of row numbers, and answers with the records of these rows as they are in the input. */
  readonly records: { readonly url: string; readonly extension: string } | null;
}

export type Decision = 'keep' | 'drop';

/** A file of decisions. */
export interface SavedDecisions {
  readonly kind: 'allpairs-decisions';
  readonly version: 1;
  /** The rows that were decided on. */
  readonly input: { readonly name: string; readonly rows: number; readonly depth: number; readonly checksum: string };
  /** The threshold of the groups. */
  readonly threshold: number;
  readonly decisions: readonly { readonly row: number; readonly decision: Decision }[];
}

/** The pictures that the rows are of. */
export type RowImages =
  /** Each row is a picture itself: width x height grey values, dark to light. */
  | { readonly kind: 'rows'; readonly width: number; readonly height: number }
  /** One picture with all of them, row after row; without a size as many across as down. */
  | { readonly kind: 'sprite'; readonly url: string; readonly size: readonly [width: number, height: number] | null }
  /** A file each: addresses relative to the page, or data. */
  | { readonly kind: 'files'; readonly urls: readonly string[] };
