// What the local page is told about its rows. Only this is shared by web/ and the command `view`. The command puts it as JSON into the
// page's <script id="page-data">. In the page as built this is `null`, and the page accepts a dropped file.

export interface PageData {
  /** Name of the input, without its folder. */
  readonly name: string;
  readonly rows: number;
  readonly depth: number;
  /**
   * Where the rows are, as a .npy of float32 or float64: an address relative to the page, or the `#id` of a script that contains base64.
   */
  readonly source: string;
  /** Where the command computes for the page, so that it need not read the rows: an address relative to the page. Null where it does not. */
  readonly computing: string | null;
  readonly nonFinite: 'throw' | 'zero';
  /** A name for each row. */
  readonly labels: readonly string[] | null;
  /** The column of these names; null if there are none. */
  readonly labelColumn: string | null;
  /** Columns with few distinct values, by which rows can be coloured. */
  readonly columns: readonly LabelColumn[];
  /** Other columns, which are shown when rows are compared. */
  readonly carried: readonly LabelColumn[];
  readonly images: RowImages | null;
  /** Present if the rows are those of two files, the second after the first, and only pairs across are compared. */
  readonly against?: Against;
  /** Present if a second model's vectors of the same rows are compared. */
  readonly compared?: ComparedModel;
  /** Decisions that were saved earlier; null if there are none. */
  readonly decisions: SavedDecisions | null;
  readonly saving: Saving;
  /** What was chosen on the page that this is a report of, as its address has it. */
  readonly state?: string;
}

export interface Against {
  /** Names of the two files, which differ. */
  readonly names: readonly [first: string, second: string];
  /** Number of the first row of the second file. */
  readonly from: number;
}

export interface ComparedModel {
  /** Names of the first and the second model, which differ. */
  readonly names: readonly [first: string, second: string];
  readonly depth: number;
  /** Where the second model's rows are, like `PageData.source`. The page does not read them if the command computes. */
  readonly source: string;
}

export interface LabelColumn {
  readonly name: string;
  /** One value for each row. */
  readonly values: readonly string[];
  /** Numbers that sort like the values, if all values are numbers or dates; null for a row without a value. */
  readonly order?: readonly (number | null)[];
  /** True if the values were derived from another column, for colours. */
  readonly derived?: boolean;
}

/** Where the page can save, as addresses relative to it; null if saving is unavailable. */
export interface Saving {
  /** Accepts `SavedDecisions`. */
  readonly decisions: string | null;
  /** Accepts a list of row numbers, and answers with the original records of these rows. */
  readonly records: { readonly url: string; readonly extension: string } | null;
}

export type Decision = 'keep' | 'drop';

/** A file of decisions. */
export interface SavedDecisions {
  readonly kind: 'allpairs-decisions';
  readonly version: 1;
  /** The rows that the decisions concern. */
  readonly input: { readonly name: string; readonly rows: number; readonly depth: number; readonly checksum: string };
  /** The threshold of the groups. */
  readonly threshold: number;
  readonly decisions: readonly { readonly row: number; readonly decision: Decision }[];
}

/** The pictures of the rows. */
export type RowImages =
  /** Each row is itself a picture: width x height grey values, dark to light. */
  | { readonly kind: 'rows'; readonly width: number; readonly height: number }
  /** One picture that contains all of them, row by row; without a size, as many across as down. */
  | { readonly kind: 'sprite'; readonly url: string; readonly size: readonly [width: number, height: number] | null }
  /** One file each: addresses relative to the page, or data. */
  | { readonly kind: 'files'; readonly urls: readonly string[] };
