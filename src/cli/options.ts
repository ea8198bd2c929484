// The options that several commands share. Each call creates new ones, because commander stores values in them.

import { Option } from 'commander';
import { BYTES_ELEMENTS } from '../io/columns/declared-elements.js';
import { NULL_POLICIES } from '../io/columns/nulls.js';
import { ROW_FORMATS } from '../io/rows/open-rows.js';
import { BACKEND_NAMES } from '../types.js';
import { withStdinAsDash } from './input.js';
import { parseBytes, parseColumnNames, parseCount, parseIndex, parseIndexBase, parseScore } from './option-values.js';

/** Which rows of the input to read, and how. */
export function readingOptions(): Option[] {
  return [
    new Option('--column <names>', "column with the rows, or columns: 'd*', d0..d7, 3..18"),
    new Option('--query <sql>', 'query that selects the rows of a database'),
    new Option('--format <name>', 'input format, if the file name lacks it').choices([...ROW_FORMATS]),
    new Option('--nulls <what>', 'rows without a vector: throw (default), skip or zero').choices([...NULL_POLICIES]),
    new Option('--element <type>', 'type of the numbers in vectors stored as bytes').choices([...BYTES_ELEMENTS]),
    new Option('--width <count>', 'number of columns of an .svm file').argParser(parseCount),
    new Option('--index-base <number>', 'first column of an .svm: 0 or 1').argParser(parseIndexBase),
    new Option('--header', 'the first line of a text table names its columns'),
    new Option('--no-header', 'the first line of a text table is a row'),
  ];
}

/** Texts instead of vectors. */
export function textOption(): Option {
  return new Option('--text <column>', "compare the texts of a column ('line': of a .txt)");
}

export function againstTextOption(): Option {
  return new Option('--against-text <column>', 'like --text, for --against (default: the same)');
}

/** How rows are named in results. */
export function nameOptions(): Option[] {
  return [
    new Option('--ids <column>', 'column of ids, written instead of row numbers'),
    new Option('--carry <columns>', 'columns to write next to each row: title,url').argParser(parseColumnNames),
    labelsOption(),
  ];
}

/** How the rows of --against are named. */
export function againstNameOptions(): Option[] {
  return [
    new Option('--against-ids <column>', 'like --ids, for --against'),
    new Option('--against-carry <columns>', 'like --carry, for --against').argParser(parseColumnNames),
    againstLabelsOption(),
  ];
}

export function symmetricOption(): Option {
  return new Option('--symmetric', 'write both directions of each pair (.csr.npz only)');
}

export function neighborsOption(): Option {
  return new Option('--neighbors', "add Embedding Atlas's neighbours column (.jsonl only)");
}

export function distanceOption(): Option {
  return new Option('--distance', 'write 1 - score, as distance');
}

/** Transforms that are applied before rows are compared. */
export function transformOptions(): Option[] {
  const fitted = [
    new Option('--center', 'subtract the mean row first'),
    new Option('--remove-components <count>', 'also remove the first principal directions').argParser(parseIndex),
    new Option('--whiten', 'also give all directions the same variance'),
  ];
  return [
    ...fitted,
    new Option('--transform <file>', 'apply the transform that was saved in FILE').conflicts([
      ...fitted.map((option) => option.attributeName()),
      'saveTransform',
    ]),
    new Option('--save-transform <file>', 'save the fitted transform, as .json'),
  ];
}

/** The rows to compare with; `what` says what a command does with them. */
export function againstOptions(what = 'compare with the rows of FILE instead'): Option[] {
  return [new Option('--against <file>', what).argParser(withStdinAsDash), ...againstReadingOptions()];
}

export function againstReadingOptions(): Option[] {
  return [
    new Option('--against-column <names>', 'like --column, for --against'),
    new Option('--against-query <sql>', 'like --query, for --against'),
  ];
}

/** The page takes no option that concerns the rows of one file alone. */
export function viewAgainstOption(): Option {
  return new Option('--against <file>', 'show the scores with the rows of FILE instead')
    .argParser(withStdinAsDash)
    .conflicts(['compare', 'decisions', 'export', 'images', 'colorBy']);
}

/** A second model of the rows. */
export function compareOptions(): Option[] {
  return [
    new Option('--compare <file>', "another model's vectors of the same rows").argParser(withStdinAsDash),
    new Option('--compare-column <names>', 'like --column, for --compare'),
    new Option('--compare-query <sql>', 'like --query, for --compare'),
  ];
}

export function topKOption(): Option {
  return new Option('-k, --top-k <count>', 'number of neighbours of each row').argParser(parseCount);
}

export function thresholdOption(): Option {
  return new Option('-t, --threshold <score>', 'lowest score of a pair, from -1 to 1').argParser(parseScore);
}

export function bestOption(): Option {
  return new Option('--best <count>', 'the pairs with the highest scores instead, best first')
    .argParser(parseCount)
    .conflicts('threshold');
}

export function labelsOption(): Option {
  return new Option('--labels <file[:column]>', 'row names: text lines or a column, - for stdin').argParser(withStdinAsDash);
}

export function againstLabelsOption(): Option {
  return new Option('--against-labels <file[:column]>', 'like --labels, for --against').argParser(withStdinAsDash);
}

export function outputOption(formats: string): Option {
  return new Option('-o, --output <file>', `${formats}, - for stdout`);
}

export function dtypeOption(): Option {
  return new Option('--dtype <type>', 'element type of the scores').choices(['float32', 'float64']);
}

export function backendOption(): Option {
  return new Option('--backend <name>', 'backend (default: the fastest)').choices([...BACKEND_NAMES]);
}

export function nonFiniteOption(): Option {
  return new Option('--non-finite <what>', 'NaN or infinity: an error, or a zero row')
    .choices(['throw', 'zero'])
    .default('throw');
}

/** `excludable`: whether the answer may omit pairs. */
export function zeroRowsOption(excludable: boolean): Option {
  if (!excludable)
    return new Option('--zero-rows <what>', 'rows of zeros: score 0 (default) or throw').choices(['zero', 'throw']);
  return new Option('--zero-rows <what>', 'rows of zeros: score 0 (default), exclude or throw').choices([
    'zero',
    'exclude',
    'throw',
  ]);
}

export function groupingOptions(against = true): Option[] {
  const own = [
    new Option('--across <column>', 'only pairs with different values in a column'),
    new Option('--within <column>', 'only pairs with the same value in a column').conflicts('across'),
  ];
  return against ? [...own, new Option('--against-group <column>', 'the column of --across or --within in --against')] : own;
}

export function belowOption(): Option {
  return new Option('--below <score>', 'only pairs below this score').argParser(parseScore);
}

export function threadsOption(): Option {
  return new Option('--threads <count>', 'number of threads (default: all cores)').argParser(parseCount);
}

export function memoryOption(): Option {
  return new Option('--memory <size>', 'memory limit, for example 500MB or 2GiB').argParser(parseBytes);
}

export function noPruningOption(): Option {
  return new Option('--no-pruning', 'compute every pair (same answer, for comparison)');
}

/** Has no parser, because commander's error would repeat the password. */
export function redisOption(): Option {
  return new Option('--redis <url>', 'redis://host:6379 (default: ALLPAIRS_REDIS_URL)');
}

export function dryRunOption(): Option {
  return new Option('--dry-run', 'print the plan and its costs, compute nothing');
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON, even on a terminal');
}

export function quietOption(): Option {
  return new Option('-q, --quiet', 'print results and errors only');
}
