// The kernels in WGSL. Exactly one of them multiplies: `sums` writes the scores of a tile, and all others read these. So a score has the
// same bits in every call, however a driver compiles: WGSL lets it fuse and reorder what is in one shader.
//
// Rows lie in panels of PANEL_ROWS, depth-major, and the depth is padded with zeros to a multiple of STEP. A workgroup of 16 x 16
// invocations multiplies two panels, 8 x 8 scores in each invocation, from STEP elements of either at a time in workgroup memory
// (docs/how-it-works.md counts registers and bytes).

/** Rows and columns of an invocation of `sums`. */
const BLOCK = 8;
/** Rows packed side by side, and rows and columns of a workgroup. */
export const PANEL_ROWS: number = 16 * BLOCK;
/** Elements of the depth in workgroup memory at a time. */
export const STEP = 16;
/** Products that are added before a sum restarts. */
export const DEPTH_BLOCK = 256;
/** Longest lists that `select` merges. */
export const MAX_LIST = 256;
/** Most bins that `count` holds in workgroup memory, the one for scores of 1 included. */
export const MAX_BINS = 1024;
/** Columns and rows of a workgroup that reads a tile. */
export const SCAN_COLS = 1024;
export const SCAN_ROWS = 8;

/** Numbers of a dispatch, the same ones for every kernel. */
export interface Params {
  /** Rows and columns of the tile, and scores from one row to the next. */
  readonly rows: number;
  readonly cols: number;
  readonly stride: number;
  /** Where the tile begins among the packed rows of either operand. */
  readonly rowStart: number;
  readonly colStart: number;
  /** FLAGS. */
  readonly flags: number;
  /** What each kernel says. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
}

/**
 * `unguarded`: sums that are no scores. `listed`: for panels of rows whose surviving columns are listed, only these columns; `unlisted`: for
 * the other panels of rows, all columns.
 */
export const FLAGS = {
  diagonal: 1,
  across: 2,
  within: 4,
  selfPanels: 8,
  triangle: 16,
  unguarded: 32,
  listed: 64,
  unlisted: 128,
} as const;

export const PARAM_NAMES: readonly (keyof Params)[] = [
  'rows',
  'cols',
  'stride',
  'rowStart',
  'colStart',
  'flags',
  'a',
  'b',
  'c',
  'd',
  'e',
];

const PARAMS = `
struct Params { ${PARAM_NAMES.map((name) => `${name}: u32`).join(', ')} }
const DIAGONAL = ${FLAGS.diagonal}u; const ACROSS = ${FLAGS.across}u; const WITHIN = ${FLAGS.within}u;
const SELF_PANELS = ${FLAGS.selfPanels}u; const TRIANGLE = ${FLAGS.triangle}u; const UNGUARDED = ${FLAGS.unguarded}u;
const LISTED = ${FLAGS.listed}u; const UNLISTED = ${FLAGS.unlisted}u;
`;

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/**
 * Scores of panels of rows with panels of columns, or with SELF_PANELS each panel with itself, not yet guarded. With TRIANGLE only where
 * the panel of columns does not come after that of rows. `a`: vectors of a panel; `b`: steps of the depth; `c`: row of the tile. Where columns
 * are listed: `d`: most columns of a list; `e`: panels of columns from one list to the next.
 */
function sumsCode(): string {
  const vectors = BLOCK / 4;
  /** Vectors of either panel that an invocation loads for a step. */
  const loads = range((STEP * PANEL_ROWS) / 4 / 256);
  const rows = range(BLOCK);
  /** Named one by one, as arrays may end up in memory: row i, vector j. */
  const each = (text: (i: number, j: number) => string) => rows.flatMap((i) => range(vectors).map((j) => text(i, j))).join(' ');
  const load = loads
    .map((n) => `r${n} = rowPanels[from_rows + ${256 * n}u]; c${n} = colPanels[from_cols + ${256 * n}u];`)
    .join(' ');
  return `${PARAMS}
@group(0) @binding(0) var<storage, read> rowPanels: array<vec4f>;
@group(0) @binding(1) var<storage, read> colPanels: array<vec4f>;
@group(0) @binding(2) var<storage, read> rowGuards: array<f32>;
@group(0) @binding(3) var<storage, read> colGuards: array<vec4f>;
@group(0) @binding(4) var<storage, read> listed: array<u32>;
@group(0) @binding(5) var<storage, read_write> scores: array<vec4f>;
@group(0) @binding(6) var<uniform> p: Params;

const PANEL = ${PANEL_ROWS}u;
const VECTORS = ${PANEL_ROWS / 4}u;
var<workgroup> rowStep: array<vec4f, ${(STEP * PANEL_ROWS) / 4}>;
var<workgroup> colStep: array<vec4f, ${(STEP * PANEL_ROWS) / 4}>;

/** By Cauchy and Schwarz only parallel rows reach the score that one of them has with itself. */
fn guarded(sum: vec4f, guard: vec4f) -> vec4f {
  return select(sum, sign(sum), abs(sum) >= guard);
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let self_panels = (p.flags & SELF_PANELS) != 0u;
  let row_panel = p.rowStart / PANEL + group.y;
  let col_panel = select(p.colStart / PANEL + group.x + group.y * p.e, row_panel, self_panels);
  if ((p.flags & TRIANGLE) != 0u && col_panel > row_panel) { return; }
  if ((p.flags & (LISTED | UNLISTED)) != 0u) {
    let count = listed[p.c / PANEL + group.y];
    if ((count <= p.d) != ((p.flags & LISTED) != 0u)) { return; }
    if ((p.flags & LISTED) != 0u && group.x * PANEL >= count) { return; }
  }
  let unguarded = (p.flags & (SELF_PANELS | UNGUARDED)) != 0u;
  let tx = t & 15u;
  let ty = t >> 4u;
  var from_rows = row_panel * p.a + t;
  var from_cols = col_panel * p.a + t;
  ${loads.map((n) => `var r${n} = vec4f(); var c${n} = vec4f();`).join(' ')}
  if (p.b > 0u) { ${load} }
  ${each((i, j) => `var t${i}${j} = vec4f();`)}
  for (var begin = 0u; begin < p.b; begin += ${DEPTH_BLOCK / STEP}u) {
    ${each((i, j) => `var s${i}${j} = vec4f();`)}
    let end = min(begin + ${DEPTH_BLOCK / STEP}u, p.b);
    for (var step = begin; step < end; step++) {
      ${loads.map((n) => `rowStep[t + ${256 * n}u] = r${n}; colStep[t + ${256 * n}u] = c${n};`).join(' ')}
      workgroupBarrier();
      // The next step is on its way while this one is multiplied.
      if (step + 1u < p.b) {
        from_rows += ${256 * loads.length}u; from_cols += ${256 * loads.length}u;
        ${load}
      }
      for (var k = 0u; k < ${STEP}u; k++) {
        ${range(vectors)
          .map((j) => `let a${j} = rowStep[k * VECTORS + ${16 * j}u + ty]; let b${j} = colStep[k * VECTORS + ${16 * j}u + tx];`)
          .join(' ')}
        ${each((i, j) => `s${i}${j} = fma(vec4f(a${i >> 2}.${'xyzw'[i & 3]}), b${j}, s${i}${j});`)}
      }
      workgroupBarrier();
    }
    ${each((i, j) => `t${i}${j} += s${i}${j};`)}
  }
  let stride = p.stride / 4u;
  let out = (p.c + group.y * PANEL) * stride + select(group.x * VECTORS, 0u, self_panels) + tx;
  ${range(vectors)
    .map((j) => `let g${j} = select(colGuards[col_panel * VECTORS + ${16 * j}u + tx], vec4f(3), unguarded);`)
    .join(' ')}
  ${rows
    .map((i) => {
      const row = `${64 * (i >> 2) + (i & 3)}u + ty * 4u`;
      const guard = `select(rowGuards[row_panel * PANEL + ${row}], 3.0, unguarded)`;
      const stores = range(vectors).map(
        (j) => `scores[out + (${row}) * stride + ${16 * j}u] = guarded(t${i}${j}, min(vec4f(guard${i}), g${j}));`,
      );
      return `let guard${i} = ${guard}; ${stores.join(' ')}`;
    })
    .join('\n  ')}
}
`;
}

/** From rows one after another to panels. `a`: elements of a row; `rowStart`: the first row, of a panel. */
const pack = `${PARAMS}
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read_write> panels: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(${PANEL_ROWS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let depth = (p.a + ${STEP - 1}u) / ${STEP}u * ${STEP}u;
  let row = group.y * ${PANEL_ROWS}u + t;
  let to = (p.rowStart / ${PANEL_ROWS}u + group.y) * depth * ${PANEL_ROWS}u + t;
  for (var k = group.x * ${STEP}u; k < (group.x + 1u) * ${STEP}u; k++) {
    var value = 0.0;
    if (row < p.rows && k < p.a) { value = rows[row * p.a + k]; }
    panels[to + k * ${PANEL_ROWS}u] = value;
  }
}
`;

/** Guards from the scores of panels with themselves: the score of a row with itself; of a zero row 2, which no score reaches. */
const guard = `${PARAMS}
@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read_write> guards: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(${PANEL_ROWS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let row = group.x * ${PANEL_ROWS}u + t;
  let own = scores[row * p.stride + t];
  guards[p.rowStart + row] = select(2.0, min(own, 1.0), own > 0.5);
}
`;

/** The upper triangle of a tile on the diagonal, from its lower one. */
const mirror = `${PARAMS}
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;
@group(0) @binding(1) var<uniform> p: Params;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.x < at.y && at.y < p.rows) { scores[at.x * p.stride + at.y] = scores[at.y * p.stride + at.x]; }
}
`;

const transpose = `${PARAMS}
@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read_write> transposed: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
var<workgroup> block: array<f32, 272>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) at: vec3u) {
  block[at.y * 17u + at.x] = scores[(group.y * 16u + at.y) * p.stride + group.x * 16u + at.x];
  workgroupBarrier();
  transposed[(group.x * 16u + at.y) * p.a + group.y * 16u + at.x] = block[at.x * 17u + at.y];
}
`;

/** The same without a barrier, which costs a processor more than scattered stores. */
const transposeDirectly = `${PARAMS}
@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read_write> transposed: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) at: vec3u) {
  transposed[at.x * p.a + at.y] = scores[at.y * p.stride + at.x];
}
`;

/** Which pairs count by their groups, as isPairOf in row-marks.ts; and how scans find theirs. */
const SCAN = `
const NO_GROUP = 0xffffffffu;
fn counts(of_row: u32, of_col: u32) -> bool {
  let within = (p.flags & WITHIN) != 0u;
  return (of_row == of_col) == within && of_row != NO_GROUP && of_col != NO_GROUP;
}
/** Columns of a row before which its pairs end: on the diagonal each comes once, below it. */
fn end_of(row: u32) -> u32 { return select(p.cols, min(p.cols, row), (p.flags & DIAGONAL) != 0u); }
`;

/**
 * Sketches of rows, in panels, from their products with directions: these, and last the length of the rest, rounded up. The sketch of a zero
 * row is zero. `stride`: products of a row; `a`: directions; `b`: what is added to squared lengths; `c`: elements of a packed sketch.
 */
const sketch = `${PARAMS}
@group(0) @binding(0) var<storage, read> products: array<f32>;
@group(0) @binding(1) var<storage, read> guards: array<f32>;
@group(0) @binding(2) var<storage, read_write> sketches: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;

/** More than the error of a square root, which is a few units in the last place. */
const UP = 1.0 + 0x1p-18;

@compute @workgroup_size(${PANEL_ROWS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let row = group.x * ${PANEL_ROWS}u + t;
  let to = (p.rowStart / ${PANEL_ROWS}u + group.x) * p.c * ${PANEL_ROWS}u + t;
  let is_zero = guards[p.rowStart + row] > 1.5;
  var squares = 0.0;
  for (var k = 0u; k < p.a; k++) {
    let product = select(products[row * p.stride + k], 0.0, is_zero);
    squares += product * product;
    sketches[to + k * ${PANEL_ROWS}u] = product;
  }
  let rest = UP * sqrt(max(1.0 - squares, 0.0) + bitcast<f32>(p.b));
  for (var k = p.a; k < p.c; k++) { sketches[to + k * ${PANEL_ROWS}u] = select(0.0, rest, k == p.a && !is_zero); }
}
`;

/**
 * Lists for each panel of rows the columns that may have a pair with one of them, by the products of their sketches, in any order.
 * `a`: columns of a list; `b`: the lowest product; `c`: row of the tile.
 */
const survey = `${PARAMS}
@group(0) @binding(0) var<storage, read> products: array<f32>;
@group(0) @binding(1) var<storage, read_write> listed: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read_write> columns: array<u32>;
@group(0) @binding(3) var<uniform> p: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) at: vec3u, @builtin(workgroup_id) group: vec3u) {
  let col = at.x;
  if (col >= p.cols) { return; }
  let lowest = bitcast<f32>(p.b);
  let panel = p.c / ${PANEL_ROWS}u + group.y;
  let end = min((panel + 1u) * ${PANEL_ROWS}u, p.rows);
  for (var row = max(panel * ${PANEL_ROWS}u, select(0u, col + 1u, (p.flags & DIAGONAL) != 0u)); row < end; row++) {
    if (products[row * p.stride + col] >= lowest) {
      columns[panel * p.a + atomicAdd(&listed[panel], 1u)] = col;
      return;
    }
  }
}
`;

/**
 * Copies the listed columns of each panel of rows into panels of their own, and counts the panels that `sums` computes. `a`: columns
 * of a list; `b`: steps of the depth; `c`: row of the tile; `d`: most columns that are copied; `e`: panels from one list to the next.
 */
const gather = `${PARAMS}
@group(0) @binding(0) var<storage, read> panels: array<f32>;
@group(0) @binding(1) var<storage, read> guards: array<f32>;
@group(0) @binding(2) var<storage, read> listed: array<u32>;
@group(0) @binding(3) var<storage, read> columns: array<u32>;
@group(0) @binding(4) var<storage, read_write> gathered: array<f32>;
@group(0) @binding(5) var<storage, read_write> gatheredGuards: array<f32>;
@group(0) @binding(6) var<storage, read_write> total: array<atomic<u32>>;
@group(0) @binding(7) var<uniform> p: Params;

@compute @workgroup_size(${PANEL_ROWS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let panel = p.c / ${PANEL_ROWS}u + group.y / p.e;
  let place = group.y % p.e;
  let count = listed[panel];
  if (group.x == 0u && place == 0u && t == 0u) {
    let across = (p.cols + ${PANEL_ROWS - 1}u) / ${PANEL_ROWS}u;
    let all = select(across, min(across, panel + 1u), (p.flags & TRIANGLE) != 0u);
    atomicAdd(&total[1], select(all, (count + ${PANEL_ROWS - 1}u) / ${PANEL_ROWS}u, count <= p.d));
  }
  if (count > p.d || place * ${PANEL_ROWS}u >= count) { return; }
  let at = place * ${PANEL_ROWS}u + t;
  let is_used = at < count;
  let col = p.colStart + select(0u, columns[panel * p.a + at], is_used);
  let to_panel = panel * p.e + place;
  if (group.x == 0u) { gatheredGuards[to_panel * ${PANEL_ROWS}u + t] = guards[col]; }
  let depth = p.b * ${STEP}u;
  let shift = group.x * ${STEP}u;
  let from_col = ((col / ${PANEL_ROWS}u) * depth + shift) * ${PANEL_ROWS}u + col % ${PANEL_ROWS}u;
  let to = (to_panel * depth + shift) * ${PANEL_ROWS}u + t;
  for (var k = 0u; k < ${STEP}u; k++) {
    gathered[to + k * ${PANEL_ROWS}u] = select(0.0, panels[from_col + k * ${PANEL_ROWS}u], is_used);
  }
}
`;

/**
 * Appends the pairs of a tile from a score on to a list, in any order: place in the tile (row in the upper 16 bits), tile and score.
 * `a`: number of the tile; `b`: most pairs of the list, which counts those beyond too; `c`: the lowest score. With LISTED: `d`: most columns
 * of a panel of rows that are listed; `e`: columns of a list.
 */
const find = `${PARAMS}
@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read> rowGroups: array<u32>;
@group(0) @binding(2) var<storage, read> colGroups: array<u32>;
@group(0) @binding(3) var<storage, read> listed: array<u32>;
@group(0) @binding(4) var<storage, read> columns: array<u32>;
@group(0) @binding(5) var<storage, read_write> total: atomic<u32>;
@group(0) @binding(6) var<storage, read_write> pairs: array<u32>;
@group(0) @binding(7) var<uniform> p: Params;
${SCAN}
var<workgroup> found: atomic<u32>;
var<workgroup> first: u32;

/** Columns of the tile that lie somewhere else, if there is a list of them. */
const NO_LIST = 0xffffffffu;
fn column_at(place: u32, list: u32) -> u32 {
  if (list == NO_LIST) { return place; }
  return columns[list + place];
}

fn wanted(row: u32, place: u32, list: u32, lowest: f32) -> bool {
  if (scores[row * p.stride + place] < lowest) { return false; }
  let col = column_at(place, list);
  if ((p.flags & DIAGONAL) != 0u && col >= row) { return false; }
  if ((p.flags & (ACROSS | WITHIN)) == 0u) { return true; }
  return counts(rowGroups[p.rowStart + row], colGroups[p.colStart + col]);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let lowest = bitcast<f32>(p.c);
  let row_end = min((group.y + 1u) * ${SCAN_ROWS}u, p.rows);
  var col_end = (group.x + 1u) * ${SCAN_COLS}u;
  var list = NO_LIST;
  if ((p.flags & LISTED) != 0u) {
    let panel = group.y * ${SCAN_ROWS}u / ${PANEL_ROWS}u;
    if (listed[panel] <= p.d) { list = panel * p.e; col_end = min(col_end, listed[panel]); }
  }
  var mine = 0u;
  for (var row = group.y * ${SCAN_ROWS}u; row < row_end; row++) {
    let end = min(col_end, select(p.cols, end_of(row), list == NO_LIST));
    for (var col = group.x * ${SCAN_COLS}u + t; col < end; col += LANES) { mine += select(0u, 1u, wanted(row, col, list, lowest)); }
  }
  var place = 0u;
  if (mine > 0u) { place = atomicAdd(&found, mine); }
  workgroupBarrier();
  if (t == 0u) {
    let all = atomicLoad(&found);
    if (all > 0u) { first = atomicAdd(&total, all); }
  }
  workgroupBarrier();
  if (mine == 0u) { return; }
  place += first;
  for (var row = group.y * ${SCAN_ROWS}u; row < row_end; row++) {
    let end = min(col_end, select(p.cols, end_of(row), list == NO_LIST));
    for (var col = group.x * ${SCAN_COLS}u + t; col < end; col += LANES) {
      if (wanted(row, col, list, lowest)) {
        if (place < p.b) {
          pairs[3u * place] = (row << 16u) | column_at(col, list);
          pairs[3u * place + 1u] = p.a;
          pairs[3u * place + 2u] = bitcast<u32>(scores[row * p.stride + col]);
        }
        place++;
      }
    }
  }
}
`;

/**
 * Merges each row of a tile into the list of its best: one workgroup a row. Lists have their worst first, as heaps of best-lists.ts do.
 * `a`: length of lists; `b`: the list of the first row; `c`: what column 0 is called in lists.
 */
const select = `${PARAMS}
@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read> rowGroups: array<u32>;
@group(0) @binding(2) var<storage, read> colGroups: array<u32>;
@group(0) @binding(3) var<storage, read_write> listScores: array<f32>;
@group(0) @binding(4) var<storage, read_write> listIndices: array<u32>;
@group(0) @binding(5) var<uniform> p: Params;
${SCAN}
const PLACES = 1024u;
const AT_ONCE = 512u;
/** The first columns of a tile, so that a list that was empty has a bound for the others: ranking all of them takes much longer. */
const FIRST = 64u;
var<workgroup> best: array<f32, PLACES>;
var<workgroup> names: array<u32, PLACES>;
var<workgroup> sortedBest: array<f32, ${MAX_LIST}>;
var<workgroup> sortedNames: array<u32, ${MAX_LIST}>;
var<workgroup> taken: atomic<u32>;
var<workgroup> count: u32;

fn ranks_above(score: f32, name: u32, other: f32, other_name: u32) -> bool {
  return score > other || (score == other && name < other_name);
}

/** Each place finds its rank by counting, which for the few that are left of most tiles is quicker than to sort. */
fn sort(t: u32, used: u32) {
  for (var at = t; at < used; at += LANES) {
    let score = best[at];
    let name = names[at];
    var rank = 0u;
    for (var other = 0u; other < used && rank < p.a; other++) {
      let is_above = ranks_above(best[other], names[other], score, name);
      rank += select(0u, 1u, is_above || (best[other] == score && names[other] == name && other < at));
    }
    if (rank < p.a) { sortedBest[rank] = score; sortedNames[rank] = name; }
  }
  workgroupBarrier();
  for (var at = t; at < p.a; at += LANES) { best[at] = sortedBest[at]; names[at] = sortedNames[at]; }
  if (t == 0u) { atomicStore(&taken, p.a); }
  workgroupBarrier();
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) t: u32) {
  let row = group.x;
  let list = (p.b + row) * p.a;
  for (var at = t; at < p.a; at += LANES) { best[at] = listScores[list + at]; names[at] = listIndices[list + at]; }
  if (t == 0u) { atomicStore(&taken, p.a); count = p.a; }
  workgroupBarrier();
  var bound = best[0];
  var bound_name = names[0];
  var changed = false;
  var end = 0u;
  for (var begin = 0u; begin < p.cols; begin = end) {
    end = min(p.cols, begin + select(AT_ONCE, FIRST, begin == 0u));
    for (var col = begin + t; col < end; col += LANES) {
      let score = scores[row * p.stride + col];
      if (!ranks_above(score, p.c + col, bound, bound_name)) { continue; }
      if ((p.flags & DIAGONAL) != 0u && row == col) { continue; }
      if ((p.flags & (ACROSS | WITHIN)) != 0u && !counts(rowGroups[p.rowStart + row], colGroups[p.colStart + col])) { continue; }
      let at = atomicAdd(&taken, 1u);
      best[at] = score; names[at] = p.c + col;
    }
    workgroupBarrier();
    if (t == 0u) { count = atomicLoad(&taken); }
    let used = workgroupUniformLoad(&count);
    let is_crowded = used > PLACES - AT_ONCE || (begin == 0u && used >= p.a + FIRST / 2u);
    if (used > p.a && (is_crowded || end == p.cols)) {
      sort(t, used);
      bound = best[p.a - 1u];
      bound_name = names[p.a - 1u];
      changed = true;
    }
  }
  if (changed) {
    for (var at = t; at < p.a; at += LANES) {
      listScores[list + at] = best[p.a - 1u - at];
      listIndices[list + at] = names[p.a - 1u - at];
    }
  }
}
`;

/**
 * Counts the scores of a tile by size, and writes for each workgroup from `b` on: their sum in units of 2^-33, in two parts, the lowest and the
 * highest, as numbers in the same order. `a`: bins, the one for scores of 1 included.
 */
const count = `${PARAMS}
@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read> edges: array<f32>;
@group(0) @binding(2) var<storage, read_write> bins: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> totals: array<u32>;
@group(0) @binding(4) var<uniform> p: Params;
${SCAN}
var<workgroup> local: array<atomic<u32>, ${MAX_BINS}>;
var<workgroup> low: atomic<i32>;
var<workgroup> high: atomic<i32>;
var<workgroup> lowest: atomic<u32>;
var<workgroup> highest: atomic<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) t: u32) {
  if (t == 0u) { atomicStore(&lowest, 0xffffffffu); }
  workgroupBarrier();
  let half = f32(p.a - 1u) / 2.0;
  let row_end = min((group.y + 1u) * ${SCAN_ROWS}u, p.rows);
  var low_sum = 0; var high_sum = 0;
  var minimum = 0xffffffffu; var maximum = 0u;
  for (var row = group.y * ${SCAN_ROWS}u; row < row_end; row++) {
    let end = min((group.x + 1u) * ${SCAN_COLS}u, end_of(row));
    for (var col = group.x * ${SCAN_COLS}u + t; col < end; col += LANES) {
      let score = scores[row * p.stride + col];
      var bin = min(u32((score + 1.0) * half), p.a - 1u);
      while (bin > 0u && score < edges[bin]) { bin--; }
      while (score >= edges[bin + 1u]) { bin++; }
      atomicAdd(&local[bin], 1u);
      let bits = bitcast<u32>(score);
      let key = select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
      minimum = min(minimum, key);
      maximum = max(maximum, key);
      // |score| = digits * 2^(exponent - 150), rounded to a multiple of 2^-33, ties to even.
      let exponent = (bits >> 23u) & 0xffu;
      let digits = (bits & 0x7fffffu) | select(0u, 0x800000u, exponent > 0u);
      var low_part = 0u; var high_part = 0u;
      if (exponent >= 117u) {
        let shift = exponent - 117u;
        low_part = (digits << shift) & 0xffffu;
        high_part = digits >> (16u - shift);
      } else if (exponent >= 92u) {
        let shift = 117u - exponent;
        let even = (digits >> shift) & 1u;
        let rounded = (digits + (1u << (shift - 1u)) - 1u + even) >> shift;
        low_part = rounded & 0xffffu;
        high_part = rounded >> 16u;
      }
      let toward = select(1, -1, bits >= 0x80000000u);
      low_sum += toward * i32(low_part);
      high_sum += toward * i32(high_part);
    }
  }
  atomicAdd(&low, low_sum);
  atomicAdd(&high, high_sum);
  atomicMin(&lowest, minimum);
  atomicMax(&highest, maximum);
  workgroupBarrier();
  for (var bin = t; bin < p.a; bin += LANES) {
    let scored = atomicLoad(&local[bin]);
    if (scored > 0u) { atomicAdd(&bins[bin], scored); }
  }
  if (t == 0u) {
    let at = p.b + 4u * (group.y * groups.x + group.x);
    totals[at] = bitcast<u32>(atomicLoad(&low));
    totals[at + 1u] = bitcast<u32>(atomicLoad(&high));
    totals[at + 2u] = atomicLoad(&lowest);
    totals[at + 3u] = atomicLoad(&highest);
  }
}
`;

export type KernelName =
  | 'sums'
  | 'pack'
  | 'guard'
  | 'mirror'
  | 'transpose'
  | 'sketch'
  | 'survey'
  | 'gather'
  | 'find'
  | 'select'
  | 'count';

interface KernelSource {
  readonly code: string;
  /** For adapters that compute on the processor. */
  readonly onProcessor?: string;
  /** Invocations of a workgroup, which the code calls LANES. */
  readonly lanes?: number;
  readonly bindings: string;
}

/** Each kernel, and its bindings in order: r is read, w written, u the numbers of the dispatch. */
export const KERNELS: Record<KernelName, KernelSource> = {
  sums: { code: sumsCode(), bindings: 'rrrrrwu' },
  pack: { code: pack, bindings: 'rwu' },
  guard: { code: guard, bindings: 'rwu' },
  mirror: { code: mirror, bindings: 'wu' },
  transpose: { code: transpose, onProcessor: transposeDirectly, bindings: 'rwu' },
  sketch: { code: sketch, bindings: 'rrwu' },
  survey: { code: survey, bindings: 'rwwu' },
  gather: { code: gather, bindings: 'rrrrwwwu' },
  find: { code: find, lanes: 256, bindings: 'rrrrrwwu' },
  select: { code: select, lanes: 128, bindings: 'rrrwwu' },
  count: { code: count, lanes: 256, bindings: 'rrwwu' },
};

/**
 * Returns the code of a kernel. On a processor, each barrier switches between all invocations of a workgroup, four at a time, and takes
 * longer than what they compute: workgroups have only four there, or no barrier.
 */
export function codeOf(name: KernelName, software: boolean): string {
  const { code, onProcessor = code, lanes } = KERNELS[name];
  const chosen = software ? onProcessor : code;
  return lanes ? `const LANES = ${software ? 4 : lanes}u;\n${chosen}` : chosen;
}
