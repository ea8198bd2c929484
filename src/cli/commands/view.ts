import { basename, extname } from 'node:path';
import process from 'node:process';
import { pairedSimilarity, type RowFile } from '../../index.js';
import { RecordPlaces } from '../../io/rows/record-places.js';
import { NO_FILE, type ReadOptions } from '../../io/rows/row-reader.js';
import { refuseWithoutAgainst } from '../call.js';
import { InputError, UsageError } from '../exit-codes.js';
import { checkStdin, nameInputs, noteOrigin, openInput, readingOf, refuseSkip, STDIN } from '../input.js';
import { labelsPath } from '../labels.js';
import { formatBytes, formatCount, note } from '../output.js';
import { checkOutputPlace } from '../output-place.js';
import { checkReadingOptions } from '../reading-options.js';
import { type AgainstOptions, type AgainstRows, joinedColumns, openAgainst } from '../view/against-rows.js';
import { type ComparedOptions, type ComparedRows, openCompared, refuseWithoutCompare } from '../view/compared-rows.js';
import { type Content, contentOf, type Site, type Takers } from '../view/content.js';
import { readDecisions, writeDecisions } from '../view/decisions.js';
import { keptRecords, recordsOfInput } from '../view/kept-records.js';
import { fillPage } from '../view/page.js';
import type { PageData, Saving } from '../view/page-data.js';
import { COMPARED_ID, ROWS_ID } from '../view/page-text.js';
import { bytesOfRows, joinedNpy, joinedShape, type RowsShape, rowsAsNpy } from '../view/row-bytes.js';
import { type NameOptions, readNames } from '../view/row-names.js';
import { findPictures, type PictureOptions, pictureContent, picturesAsData } from '../view/row-pictures.js';
import { readAssets, readPage } from '../view/web-files.js';

export interface ViewCommandOptions extends NameOptions, PictureOptions, ComparedOptions, AgainstOptions, ReadOptions {
  readonly query?: string;
  readonly format?: string;
  readonly export?: string;
  readonly decisions?: string;
  readonly port: number;
  readonly open: boolean;
  readonly nonFinite: 'throw' | 'zero';
  readonly quiet?: boolean;
}

/** What the command holds in memory and a page can show, and what fits in a file to send to others. */
const PAGE_LIMITS = { rows: 1_000_000, bytes: 2 ** 32 };
const REPORT_LIMITS = { rows: 5_000, bytes: 64 * 2 ** 20 };

/** Addresses of the page's data, in addition to its assets. */
const ROWS = 'rows.npy';
const COMPARED = 'compared.npy';
const IMAGES = 'images/';
/** Within these limits the browser gets the rows and computes; beyond them the command computes. */
const BROWSER_LIMITS = { rows: 20_000, bytes: 64 * 2 ** 20 };
/** Internal, for tests: another limit of rows that the browser gets. */
const BROWSER_ROWS_VARIABLE = 'ALLPAIRS_VIEW_BROWSER_ROWS';

/** Addresses to which the page sends data. */
const COMPUTING = 'compute';
const DECISIONS = 'decisions.json';
const RECORDS = 'kept-records';
/** The template of reports, which the page fills. */
const REPORT = 'report.html';

/** `allpairs view`: shows the rows in a page on this machine, or writes the page to a file. */
export async function runView(inputs: readonly string[], options: ViewCommandOptions, signal: AbortSignal): Promise<void> {
  const input = nameInputs(inputs);
  if (inputs.length === 0) {
    refuseWithoutInput(options);
    return serve(await siteOf(null), new Map(), options, signal);
  }
  const { labels, colorBy, images, compare, against, againstLabels } = options;
  const ofOthers = againstLabels && labelsPath(againstLabels);
  const [ofLabels, ofClasses, ofImages] = [labels, colorBy, images].map((spec) => spec && labelsPath(spec));
  refuseWithoutCompare(options);
  if (against === undefined) refuseWithoutAgainst(options);
  checkStdin({
    'the input': input,
    '--labels': ofLabels,
    '--color-by': ofClasses,
    '--images': ofImages,
    '--compare': compare,
    '--against': against,
    '--against-labels': ofOthers,
  });
  if (options.export !== undefined) await checkReport(options.export, input, options);
  if (options.decisions !== undefined) {
    if (options.export !== undefined)
      throw new UsageError('--decisions needs the page that the command serves; leave out --export');
    await checkOutputPlace('--decisions', options.decisions, [input, ofLabels, ofClasses, ofImages, compare]);
  }
  const { column, query, nulls } = options;
  refuseSkip('the page', nulls);
  checkReadingOptions([...inputs, compare, against], options);
  const places = new RecordPlaces();
  const reading = { ...readingOf(options), signal };
  const rows = await openInput(inputs, { ...reading, column, query }, { places });
  let second: SecondRows = {};
  try {
    second = {
      compared: await openCompared(inputs, rows, options, reading),
      against: await openAgainst(input, rows, options, reading),
    };
    if (!options.quiet) for (const file of filesOf(rows, second)) noteOrigin(file);
    if (options.export === undefined) await show(inputs, rows, second, places, options, signal);
    else await exportReport(options.export, inputs, rows, second, options, signal);
  } finally {
    for (const file of filesOf(rows, second)) await file.close();
  }
}

/** The rows of a second file, if there is one: those of another model, or those to compare with. */
interface SecondRows {
  readonly compared?: ComparedRows | undefined;
  readonly against?: AgainstRows | undefined;
}

function filesOf(rows: RowFile, { compared, against }: SecondRows): RowFile[] {
  return [rows, ...(compared ? [compared.rows] : []), ...(against ? [against.rows] : [])];
}

/** Refuses options that have no effect on a page without an input. */
function refuseWithoutInput({
  column,
  query,
  format,
  labels,
  colorBy,
  images,
  imageShape,
  compare,
  against,
  decisions,
  export: report,
}: ViewCommandOptions) {
  const named = { labels, 'color-by': colorBy, images, 'image-shape': imageShape, compare, against, decisions, export: report };
  const options = { column, query, format, ...named };
  const [name] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined)
    throw new UsageError(`--${name} needs an input file, for example: allpairs view in.npy --${name} ...`);
}

async function checkReport(
  path: string,
  input: string,
  { labels, colorBy, images, compare, against, againstLabels }: ViewCommandOptions,
): Promise<void> {
  if (!/^\.html?$/i.test(extname(path))) throw new UsageError(`--export ${path}: expected a file name that ends in .html`);
  const others = [labels, colorBy, images, againstLabels].map((spec) => spec && labelsPath(spec));
  await checkOutputPlace('--export', path, [input, ...others, compare, against]);
}

async function show(
  inputs: readonly string[],
  rows: RowFile,
  second: SecondRows,
  places: RecordPlaces,
  options: ViewCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const input = nameInputs(inputs);
  const { compared, against } = second;
  const files = filesOf(rows, second);
  for (const file of limitedOf(rows, second))
    checkLimits(file, PAGE_LIMITS, 'the page', 'topk, pairs and groups answer for any number of rows');
  const pictures = await findPictures(options, rows.rows, rows.depth);
  const images = pictures?.describe((file) => `${IMAGES}${file}`) ?? null;
  const records = against ? null : recordsOfInput({ x: rows, files: inputs }, places);
  const saving: Saving = {
    decisions: options.decisions === undefined ? null : DECISIONS,
    records: records && { url: RECORDS, extension: records.extension },
  };
  const saved =
    options.decisions === undefined ? null : await readDecisions(options.decisions, rows.name, rows.rows, rows.depth);
  for (const file of files) await checkFinite(file, options, signal);
  const computing = isForBrowser(files) ? null : await startComputing(rows, second, options);
  const data: PageData = {
    ...(await describe(inputs, rows, second, options)),
    source: ROWS,
    computing: computing && COMPUTING,
    images,
    ...modelOf(compared, COMPARED),
    decisions: saved,
    saving,
  };
  const pictureFiles = pictures?.files ?? [];
  const npy = npyOf(input, rows, second);
  const secondNpy = compared && rowsAsNpy(compared.rows, pathOf(compared.file));
  const page = await siteOf(data);
  const site: Site = async (path) => {
    if (path === ROWS) return npy;
    if (path === COMPARED) return secondNpy;
    const file = pictureFiles[numberIn(path)];
    return file === undefined ? page(path) : pictureContent(file);
  };
  const takers: Takers = new Map([
    ...(computing ? [[COMPUTING, (body: Uint8Array, ended: AbortSignal) => computing.answer(body, ended)] as const] : []),
    ...(records ? [[RECORDS, async (body: Uint8Array) => keptRecords(records, body, rows.rows, signal)] as const] : []),
    ...(options.decisions === undefined ? [] : [[DECISIONS, savingTo(options.decisions)] as const]),
  ]);
  try {
    await serve(site, takers, options, signal);
  } finally {
    await computing?.close();
  }
}

function isForBrowser(files: readonly RowFile[]): boolean {
  const most = Number(process.env[BROWSER_ROWS_VARIABLE] ?? BROWSER_LIMITS.rows);
  const bytes = files.reduce((sum, file) => sum + bytesOfRows(file), 0);
  return files.every(({ rows }) => rows <= most) && bytes <= BROWSER_LIMITS.bytes;
}

/** Returns the part of the page's data that describes the second model. */
function modelOf(compared: ComparedRows | undefined, source: string): Pick<PageData, 'compared'> {
  return compared ? { compared: { names: compared.names, depth: compared.rows.depth, source } } : {};
}

/** Few files need it. */
async function startComputing(rows: RowFile, { compared, against }: SecondRows, { nonFinite }: ViewCommandOptions) {
  const { PageComputing } = await import('../view/page-computing.js');
  return PageComputing.start(rows, { compared: compared?.rows, against: against?.rows }, nonFinite);
}

/** Returns a function that saves what the page sends. */
function savingTo(path: string) {
  return async (body: Uint8Array) =>
    (await writeDecisions(path, body)) ? contentOf('saved.json', Buffer.from('true')) : undefined;
}

/** Returns 17 for 'images/17', and -1 for anything else. */
function numberIn(path: string): number {
  const number = path.startsWith(IMAGES) ? path.slice(IMAGES.length) : '';
  return /^(0|[1-9]\d{0,8})$/.test(number) ? Number(number) : -1;
}

async function exportReport(
  path: string,
  inputs: readonly string[],
  rows: RowFile,
  second: SecondRows,
  options: ViewCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { compared } = second;
  for (const file of limitedOf(rows, second))
    checkLimits(file, REPORT_LIMITS, 'a report', 'without --export the page takes more');
  const html = await readPage(REPORT);
  const pictures = await findPictures(options, rows.rows, rows.depth);
  for (const file of filesOf(rows, second)) await checkFinite(file, options, signal);
  const urls = await picturesAsData(pictures?.files ?? []);
  const images = pictures?.describe((file) => urls[file] as string) ?? null;
  const data = {
    ...(await describe(inputs, rows, second, options)),
    source: `#${ROWS_ID}`,
    computing: null,
    images,
    ...modelOf(compared, `#${COMPARED_ID}`),
    decisions: null,
    saving: { decisions: null, records: null },
  };
  // Loaded here because no other command needs them.
  const [{ reportResults }, { writeReport }] = await Promise.all([
    import('../view/report-results.js'),
    import('../view/report.js'),
  ]);
  const files = new Map([[ROWS_ID, rowsAsNpy(rows, pathOf(nameInputs(inputs)))]]);
  if (compared) files.set(COMPARED_ID, rowsAsNpy(compared.rows, pathOf(compared.file)));
  await writeReport(path, html, data, files, await reportResults(rows, options.nonFinite, signal), signal);
  if (!options.quiet) note(`wrote ${path}`);
}

/** Returns what has to be within the limits of the page: two files that are shown as one count together. */
function limitedOf(rows: RowFile, { compared, against }: SecondRows): LimitedRows[] {
  if (against) return [{ name: `${rows.name} and ${against.rows.name}`, ...joinedShape([rows, against.rows]) }];
  return filesOf(rows, { compared });
}

/** Returns the rows of the page as a file. */
function npyOf(input: string, rows: RowFile, { against }: SecondRows): Content {
  return joinedNpy([[rows, pathOf(input)], ...(against ? [[against.rows, pathOf(against.file)] as const] : [])]);
}

type LimitedRows = RowsShape & Pick<RowFile, 'name'>;

function checkLimits(rows: LimitedRows, most: typeof PAGE_LIMITS, what: string, instead: string): void {
  const bytes = bytesOfRows(rows);
  if (bytes === 0) throw new InputError(`${rows.name}: no rows`);
  if (rows.rows <= most.rows && bytes <= most.bytes) return;
  throw new InputError(
    `${rows.name}: ${formatCount(rows.rows)} rows of ${formatCount(rows.depth)} numbers, ${formatBytes(bytes)}; ` +
      `${what} takes at most ${formatCount(most.rows)} rows and ${formatBytes(most.bytes)}: ${instead}`,
  );
}

async function describe(
  inputs: readonly string[],
  file: RowFile,
  { against }: SecondRows,
  options: ViewCommandOptions,
): Promise<Omit<PageData, 'source' | 'computing' | 'images' | 'compared' | 'decisions' | 'saving'>> {
  const { rows, depth } = file;
  const input = nameInputs(inputs);
  const name = input === STDIN ? 'stdin' : basename(input);
  const { format, header, column, nonFinite } = options;
  const names = await readNames(options, { file, names: inputs, format, header, column });
  if (!against) return { name, rows, depth, nonFinite, ...names };
  const other = { file: against.rows, names: [against.file], format, header, column: against.column };
  const joined = joinedColumns(names, await readNames(against.naming, other), against);
  const described = { names: against.names, from: against.from };
  return { name: against.names.join(' × '), rows: rows + against.rows.rows, depth, nonFinite, ...joined, against: described };
}

/** Refuses what the page would refuse. Comparing each row with itself visits every number. */
async function checkFinite(rows: RowFile, { nonFinite }: ViewCommandOptions, signal: AbortSignal): Promise<void> {
  if (nonFinite === 'throw') await pairedSimilarity(rows, rows, { signal });
}

function pathOf(input: string): string | undefined {
  return input === STDIN || input === NO_FILE ? undefined : input;
}

/** Returns the page with its data and assets. */
async function siteOf(data: PageData | null): Promise<Site> {
  const page = contentOf('index.html', Buffer.from(fillPage(await readPage('index.html'), data)));
  const assets = await readAssets();
  return async (path) => {
    if (path === REPORT) return contentOf(REPORT, Buffer.from(await readPage(REPORT)));
    return path === '' ? page : assets.get(path);
  };
}

async function serve(site: Site, takers: Takers, options: ViewCommandOptions, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  // Loaded here because no other command needs a server.
  const { serveUntilStopped } = await import('../view/serving.js');
  await serveUntilStopped(site, takers, options, signal);
}
