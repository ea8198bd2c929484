// Determines the order in which results are computed: the matrix first, because users open the page to see it.

import { batch, effect, type ReadonlySignal } from '@preact/signals';
import { proxy } from 'comlink';
import type { PageData, SavedDecisions } from '../../../src/cli/view/page-data.js';
import { rowColumns, usualLabel, withOrder } from '../../../src/cli/view/row-columns.js';
import { UMAP_NEIGHBOURS } from '../compute/map-neighbours.js';
import type { Positions } from '../compute/principal-positions.js';
import { CELLS_IN_REPORT, type MapMethod, type RowOrder, type SavedResults } from '../compute/results.js';
import type { Facts, Histogram } from '../compute/session.js';
import { fewerPairs, firstThreshold, pairsWanted } from '../compute/similar-pairs.js';
import * as answers from './answers.js';
import { answersNow } from './answers-now.js';
import { asked, columnsLeft, type Dropped } from './asked.js';
import * as choices from './choices.js';
import { findClustering, giveUpClustering } from './clustering.js';
import { columnOrder, showWithColumns } from './columns.js';
import { type NameTable, readNames } from './dropped-names.js';
import { examination, followExamining } from './examining.js';
import { givenNames } from './group-names.js';
import { followGrouping } from './grouping.js';
import { layOutMap } from './map-layout.js';
import { keepPictures, pictureAddresses, picturesIn } from './pictures.js';
import { followReview, isSaved, loadDecisions } from './review.js';
import { restoreSelection, selectable, selection } from './selection.js';
import { followSelection } from './selection-neighbours.js';
import { openGiven, session } from './session.js';
import { readPageData, readResults } from './source.js';
import { tiles } from './tile-store.js';
import { guarded, tell, working } from './working.js';

/** Shows the rows that the page was created with. */
export async function showGiven({ source, computing: _, ...data }: PageData): Promise<void> {
  try {
    showWithColumns(data);
    const results = await readResults();
    const facts = results ? await session.facts() : await working(`Reading ${data.name}`, () => openGiven({ source, ...data }));
    if (data.decisions) await continueWith(data.decisions);
    isSaved();
    await showRows(facts, results);
  } catch (error) {
    tell(error);
    answers.nothingToShow.value = answers.histogram.peek() === null;
  }
}

/** Loads the decisions of the command's file, and the threshold at which they were made. A file about other rows stays unchanged. */
async function continueWith(saved: SavedDecisions): Promise<void> {
  try {
    await loadDecisions(saved, 'The file of --decisions');
    choices.threshold.value ??= saved.threshold;
  } catch (error) {
    tell(error);
    const shown = answers.shown.peek() as answers.Shown;
    answers.shown.value = { ...shown, saving: { ...shown.saving, decisions: null } };
  }
}

/** The data that dropped rows lack. */
const NOT_DROPPED = { images: null, decisions: null, saving: { decisions: null, records: null } };

/** Shows the rows of a file, or asks how to read it. */
export async function showDropped(dropped: Dropped): Promise<void> {
  const { rows: file, reading } = dropped;
  const { name } = file;
  await guarded(async () => {
    answers.problem.value = null;
    asked.value = null;
    const { opened, refusal } = await working(`Reading ${name}`, () => session.openFile(file, reading));
    if (refusal) asked.value = { dropped, refusal };
    if (!opened) return;
    const { facts, table, left } = opened;
    const { rows, depth } = facts;
    const names = await namesOf(dropped, rows);
    const all = [...(names?.columns ?? []), ...table].map(withOrder);
    document.title = `${name} · allpairs`;
    keepPictures(dropped.pictures);
    const pictured = all.find(({ values }) => picturesIn(values, pictureAddresses.peek()));
    if (pictured) choices.pictureBy.value ??= `column:${pictured.name}`;
    columnsLeft.value = left;
    const columns = rowColumns(all, names?.label ?? usualLabel(all));
    showWithColumns({ name, rows, depth, nonFinite: reading.nonFinite ?? 'throw', ...columns, ...NOT_DROPPED });
    await showRows(facts);
  });
}

async function namesOf({ names }: Dropped, rows: number): Promise<NameTable | undefined> {
  return names && readNames(await names.text(), names.name, rows);
}

/** Reports that a file was dropped on a page that already has rows. */
export function refuseSecond(): void {
  const { name } = answers.shown.peek() ?? {};
  if (name === undefined) return;
  tell(
    `this page shows ${name}; ${readPageData() ? 'another file needs a page of its own' : 'open another file with “another file” above'}`,
  );
}

/** `results`: what is already known. */
async function showRows(facts: Facts, results: SavedResults | null = null): Promise<void> {
  answers.facts.value = facts;
  if (results) restore(results);
  whenever([answers.selectedRow, choices.neighbourCount], findNeighbours);
  selectable.value = facts.rows;
  followSelection();
  let ordering: Promise<void> | undefined;
  whenever([choices.rowOrder, choices.orderBy, answers.settledGroups], () => {
    ordering = orderRows();
    return ordering;
  });
  // If another order is chosen meanwhile, waits for that one.
  for (let awaited: typeof ordering; awaited !== ordering; ) {
    awaited = ordering;
    await awaited?.catch(() => undefined);
  }
  whenever([choices.mapMethod], findPositions);
  if (results) followThreshold();
  else {
    await countScores();
    if (facts.rows <= choices.MAX_ROWS_UNASKED) await findPairs();
  }
  effect(() => {
    if (choices.pairsAsked.value) void guarded(findPairs);
  });
  followGrouping();
  followReview();
  followExamining();
}

/** Shows the content of a report. */
function restore(results: SavedResults): void {
  for (const [method, places] of results.maps) maps.set(method, places);
  batch(() => {
    answers.permutation.value = results.permutation;
    answers.histogram.value = results.histogram;
    answers.pairs.value = results.pairs;
    answers.firstThreshold.value = results.firstThreshold;
    answers.settledThreshold.value = answers.usedThreshold.peek();
    examination.value = results.examination;
    answers.modelOverlaps.value = results.modelOverlaps ?? null;
    givenNames.value = results.names;
    restoreSelection(results.selection);
    answers.clustering.value = results.clustering;
  });
  const { order, column } = results;
  drawn = { order, column, groups: order === 'groups' ? answers.settledGroups.peek() : null };
  tiles.begin(...sidesOf(), session, results.base)(results.tiles);
}

/** Returns what has been computed; null if the first results are still missing. */
export function resultsNow(): SavedResults | null {
  const [histogram, pairs] = [answers.histogram.peek(), answers.pairs.peek()];
  const [firstThreshold, threshold] = [answers.firstThreshold.peek(), answers.usedThreshold.peek()];
  const isBusy = answers.works.peek().length > 0;
  if (!histogram || !pairs || !drawn || firstThreshold === null || threshold === null || isBusy) return null;
  return {
    histogram,
    pairs: fewerPairs(pairs, threshold),
    firstThreshold,
    order: drawn.order,
    column: drawn.column,
    permutation: answers.permutation.peek(),
    names: givenNames.peek(),
    selection: Uint32Array.from(selection.peek()),
    clustering: answers.clustering.peek(),
    maps: [...maps],
    examination: examination.peek(),
    modelOverlaps: answers.modelOverlaps.peek(),
    ...tiles.coarse(CELLS_IN_REPORT),
    answers: answersNow(),
  };
}

/** Runs a task now, and again when one of these signals changes. */
function whenever(changed: readonly ReadonlySignal<unknown>[], task: () => Promise<void>): void {
  effect(() => {
    for (const one of changed) void one.value;
    void guarded(task);
  });
}

/** What the drawn matrix is ordered by. */
interface Ordering {
  readonly order: RowOrder;
  readonly groups: unknown;
  readonly column: string | null;
}

let drawn: Ordering | undefined;

/** Draws the matrix in the chosen order, unless it already is. */
async function orderRows(): Promise<void> {
  const { rows } = answers.shown.peek() as answers.Shown;
  const order = choices.orderFor(rows, choices.rowOrder.peek(), answers.shown.peek()?.against !== undefined);
  const groups = order === 'groups' ? answers.settledGroups.peek() : null;
  if (order === 'groups' && !answers.hasSettledGroups.peek() && drawn) return;
  const column = order === 'column' ? choices.orderBy.peek() : null;
  if (drawn && drawn.order === order && drawn.groups === groups && drawn.column === column) return;
  if (drawn?.order === 'clusters') giveUpClustering();
  const mine = { order, groups, column };
  drawn = mine;
  try {
    const permutation = filesApart(await ORDERS[order]());
    if (drawn !== mine) return;
    answers.permutation.value = permutation;
    const add = tiles.begin(...sidesOf(), session);
    const what = tiles.shape.sampling > 0 ? 'Comparing a sample of the rows' : 'Comparing all rows';
    await working(what, (onProgress) => session.drawMatrix(permutation, proxy(add), onProgress));
  } catch (error) {
    // It may be requested again.
    if (drawn === mine) drawn = undefined;
    throw error;
  }
}

/** Returns the number of rows of the matrix, and of its columns if these are other rows. */
function sidesOf(): [rows: number, others: number | null] {
  const { rows, cols } = answers.matrixSize.peek();
  return [rows, answers.shown.peek()?.against ? cols : null];
}

/** Puts the rows of a second file after those of the first, each file in the given order. */
function filesApart(order: Uint32Array | null): Uint32Array | null {
  const { from } = answers.matrixSize.peek();
  if (!order || from === 0) return order;
  return Uint32Array.from([...order.filter((row) => row < from), ...order.filter((row) => row >= from)]);
}

const ORDERS: Record<RowOrder, () => Uint32Array | null | Promise<Uint32Array | null>> = {
  given: () => null,
  groups: groupOrder,
  clusters: async () => (await findClustering())?.order ?? null,
  column: columnOrder,
  component: componentOrder,
};

/** By the direction in which the rows vary most. */
async function componentOrder(): Promise<Uint32Array> {
  const places = await principalMap();
  return Uint32Array.from({ length: places.length / 2 }, (_, row) => row).sort(
    (a, b) => (places[2 * a] as number) - (places[2 * b] as number),
  );
}

/** Groups one after another, then the rows in no group. */
function groupOrder(): Uint32Array | null {
  const groups = answers.settledGroups.peek();
  if (groups.length === 0) return null;
  const of = answers.groupOfRow.peek();
  const rest = Array.from(of.keys()).filter((row) => of[row] === -1);
  return Uint32Array.from([...groups.flat(), ...rest]);
}

async function findNeighbours(): Promise<void> {
  const row = answers.selectedRow.peek();
  if (row === null) {
    answers.neighbours.value = null;
    return;
  }
  const k = choices.neighbourCount.peek();
  const found = await session.neighbours(row, k);
  if (answers.selectedRow.peek() === row && choices.neighbourCount.peek() === k) answers.neighbours.value = { row, ...found };
}

async function countScores(): Promise<void> {
  answers.histogram.value = await working('Counting scores', (onProgress) => session.histogram(onProgress));
}

async function findPairs(): Promise<void> {
  const histogram = answers.histogram.peek() as Histogram;
  const stop = () => void session.stopPairs();
  const pairs = await working('Collecting pairs', (onProgress) => session.similarPairs(histogram, onProgress), stop);
  if (!pairs) {
    choices.pairsAsked.value = false;
    answers.pairsStopped.value = true;
    return;
  }
  const { rows } = answers.shown.peek() as answers.Shown;
  const chance =
    choices.threshold.peek() === null && !answers.shown.peek()?.against
      ? await working('Estimating which scores are chance', () => session.chanceThreshold())
      : Number.NaN;
  batch(() => {
    answers.pairs.value = pairs;
    answers.firstThreshold.value = firstThreshold(pairs, pairsWanted(rows), rows, chance);
    answers.settledThreshold.value = answers.usedThreshold.peek();
  });
  followThreshold();
}

/** The slider is at rest when it has not moved for this long. */
const REST_MS = 200;

function followThreshold(): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const limit = answers.usedThreshold.value;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      answers.settledThreshold.value = limit;
    }, REST_MS);
  });
}

/** Maps that have been drawn. */
const maps = new Map<MapMethod, Positions>();
let drawingMap = new AbortController();

async function findPositions(): Promise<void> {
  // Another map is no longer needed.
  drawingMap.abort();
  drawingMap = new AbortController();
  const { signal } = drawingMap;
  const method = choices.mapMethod.peek();
  const places = maps.get(method) ?? (method === 'pca' ? await principalMap() : await neighbourMap(signal));
  if (!places) return;
  maps.set(method, places);
  if (!signal.aborted) answers.positions.value = { method, places };
}

let principal: Promise<Positions> | undefined;

/** Computed once, even if it is requested again meanwhile. */
function principalMap(): Promise<Positions> {
  principal ??= working('Drawing the map', (onProgress) => session.principalPositions(onProgress)).catch((error) => {
    principal = undefined;
    throw error;
  });
  return principal;
}

/** The fraction of UMAP's time that finding the neighbours takes. */
const FINDING = 0.2;

/** Null if it was cancelled. */
async function neighbourMap(signal: AbortSignal): Promise<Positions | null> {
  // UMAP needs more rows than neighbours.
  if ((answers.shown.peek()?.rows ?? 0) <= UMAP_NEIGHBOURS) return principalMap();
  const stop = () => {
    choices.mapMethod.value = 'pca';
  };
  return working(
    answers.UMAP_WORK,
    async (onProgress) => {
      signal.addEventListener('abort', () => void session.stopMapNeighbours(), { once: true });
      const neighbours = await session.mapNeighbours(proxy((done) => onProgress(FINDING * done)));
      return neighbours && layOutMap(neighbours, (done) => onProgress(FINDING + (1 - FINDING) * done), signal);
    },
    stop,
  );
}
