// Draws tiles by WebGL 2: each is a texture of 16-bit scores, which the fragment shader turns into colours.

import { keptPlace, keyOf, TILE, type Tile, type TilePlace } from '../compute/pyramid.js';
import type { ScoreRange } from '../compute/score-range.js';
import { makeProgram } from '../panels/gl-program.js';
import type { TileStore } from '../state/tile-store.js';
import { PLACES, STEPS } from './colours.js';
import { levelFor, pixelOf, seenRange, type Viewport } from './viewport.js';

/** Number of textures that are kept: 64 MiB. */
const MAX_TEXTURES = 256;

const VERTEX = `#version 300 es
in vec2 corner;
uniform vec4 box;      // on the screen, in clip space: left, top, right, bottom
uniform vec4 part;     // from the first row and column of the tile: left, top, right, bottom
out highp vec2 place;
void main() {
  place = mix(part.xy, part.zw, corner);
  gl_Position = vec4(mix(box.xy, box.zw, corner), 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
in highp vec2 place;
uniform usampler2D tile;
uniform sampler2D colours;
uniform float span;    // rows a cell
uniform vec2 last;     // the last cell of the tile that is in the matrix
uniform bool mirrored;
uniform int channel;
uniform vec4 range;    // scores at low, middle, high and top of the scale
uniform vec4 places;   // where on the scale these are
out vec4 colour;
void main() {
  ivec2 cell = clamp(ivec2(floor(place / span)), ivec2(0), ivec2(last));
  uvec4 codes = texelFetch(tile, mirrored ? cell.yx : cell, 0);
  float score = float(channel == 0 ? codes.r : codes.g) / 32767.0 - 1.0;
  float at = score < range.y ? mix(places.x, places.y, (score - range.x) / (range.y - range.x))
    : score < range.z ? mix(places.y, places.z, (score - range.y) / (range.z - range.y))
    : mix(places.z, places.w, (score - range.z) / (range.w - range.z));
  colour = texelFetch(colours, ivec2(int(round(clamp(at, 0.0, 1.0) * ${STEPS - 1}.0)), 0), 0);
}`;

export interface Drawing {
  readonly view: Viewport;
  readonly pixelRatio: number;
  readonly channel: 0 | 1;
  readonly range: ScoreRange;
  /** STEPS colours, four bytes each. */
  readonly colours: Uint8Array<ArrayBuffer>;
  /** The colour around the matrix. */
  /** Red, green and blue, from 0 to 1. */
  readonly background: readonly [number, number, number];
}

export class HeatmapRenderer {
  private readonly gl: WebGL2RenderingContext;
  private readonly program: WebGLProgram;
  private readonly uniforms = new Map<string, WebGLUniformLocation | null>();
  private readonly textures = new Map<string, { readonly texture: WebGLTexture; readonly cells: Uint16Array }>();
  private readonly colourTexture: WebGLTexture;
  private usedColours: Uint8Array | undefined;

  /** Throws if the browser lacks WebGL 2. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error('the heatmap needs WebGL 2, which this browser does not have or has switched off');
    this.gl = gl;
    this.program = makeProgram(gl, VERTEX, FRAGMENT);
    gl.useProgram(this.program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(this.program, 'corner');
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    this.colourTexture = makeTexture(gl);
    gl.uniform1i(this.at('tile'), 0);
    gl.uniform1i(this.at('colours'), 1);
  }

  /** Draws the available tiles, requests finer ones that are missing, and uses coarser ones until then. Returns whether all are there. */
  draw(store: TileStore, drawing: Drawing): boolean {
    const { gl, canvas } = this;
    const { view, pixelRatio, channel, range } = drawing;
    const [width, height] = [view.width, view.height].map((size) => Math.round(size * pixelRatio)) as [number, number];
    // Setting the size creates a new buffer, even if it is unchanged.
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, canvas.width, canvas.height);
    const [r, g, b] = drawing.background;
    gl.clearColor(r, g, b, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.useColours(drawing.colours);
    gl.uniform1i(this.at('channel'), channel);
    gl.uniform4f(this.at('range'), range.low, range.middle, range.high, range.top);
    gl.uniform4f(this.at('places'), ...PLACES);
    const missing = seenTiles(view, levelFor(view.scale, pixelRatio, store.shape.top)).filter(
      (place) => !this.drawTile(store, view, place),
    );
    store.want(missing.map((place) => keptPlace(store.shape, place)));
    this.forgetTextures();
    return missing.length === 0;
  }

  /** Returns whether the tile itself was there. */
  private drawTile(store: TileStore, view: Viewport, place: TilePlace): boolean {
    for (let up = 0; place.level + up <= store.shape.top; up++) {
      const coarser = { level: place.level + up, row: place.row >> up, col: place.col >> up };
      const tile = store.get(keptPlace(store.shape, coarser));
      if (!tile) continue;
      this.drawPart(view, place, coarser, tile, store.shape.symmetric && coarser.row > coarser.col);
      return up === 0;
    }
    return false;
  }

  /** Draws the part of the matrix that `place` covers from a tile that also covers it. */
  private drawPart(view: Viewport, place: TilePlace, from: TilePlace, tile: Tile, mirrored: boolean): void {
    const { gl } = this;
    const side = TILE * 2 ** place.level;
    const [left, top] = [place.col * side, place.row * side];
    const [right, bottom] = [Math.min(view.cols, left + side), Math.min(view.rows, top + side)];
    const start = pixelOf(view, top, left);
    const end = pixelOf(view, bottom, right);
    const clipX = (px: number) => (2 * px) / view.width - 1;
    const clipY = (py: number) => 1 - (2 * py) / view.height;
    gl.uniform4f(this.at('box'), clipX(start.px), clipY(start.py), clipX(end.px), clipY(end.py));
    const span = 2 ** from.level;
    // In float32, numbers relative to the first row of the matrix would be too coarse.
    const [originX, originY] = [from.col * TILE * span, from.row * TILE * span];
    gl.uniform4f(this.at('part'), left - originX, top - originY, right - originX, bottom - originY);
    gl.uniform1f(this.at('span'), span);
    // Rounding may move a pixel at the edge beyond it.
    const lastOf = (tile: number, all: number) => Math.min(TILE, Math.ceil(all / span) - tile * TILE) - 1;
    gl.uniform2f(this.at('last'), lastOf(from.col, view.cols), lastOf(from.row, view.rows));
    gl.uniform1i(this.at('mirrored'), mirrored ? 1 : 0);
    this.bindTile(tile);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  private bindTile(tile: Tile): void {
    const { gl, textures } = this;
    const key = keyOf(tile);
    const known = textures.get(key);
    textures.delete(key);
    gl.activeTexture(gl.TEXTURE0);
    if (known?.cells === tile.cells) {
      textures.set(key, known);
      gl.bindTexture(gl.TEXTURE_2D, known.texture);
      return;
    }
    const texture = known?.texture ?? makeTexture(gl);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG16UI, TILE, TILE, 0, gl.RG_INTEGER, gl.UNSIGNED_SHORT, tile.cells);
    textures.set(key, { texture, cells: tile.cells });
  }

  private useColours(colours: Uint8Array<ArrayBuffer>): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.colourTexture);
    if (this.usedColours === colours) return;
    this.usedColours = colours;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, STEPS, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colours);
  }

  private forgetTextures(): void {
    for (const [key, { texture }] of this.textures) {
      if (this.textures.size <= MAX_TEXTURES) return;
      this.gl.deleteTexture(texture);
      this.textures.delete(key);
    }
  }

  private at(name: string): WebGLUniformLocation | null {
    let location = this.uniforms.get(name);
    if (location === undefined) {
      location = this.gl.getUniformLocation(this.program, name);
      this.uniforms.set(name, location);
    }
    return location;
  }
}

/** Returns the tiles of one level that are on the screen, the middle first. */
function seenTiles(view: Viewport, level: number): TilePlace[] {
  const side = TILE * 2 ** level;
  const { rowStart, rowEnd, colStart, colEnd } = seenRange(view);
  const places: TilePlace[] = [];
  for (let row = Math.floor(rowStart / side); row * side < rowEnd; row++) {
    for (let col = Math.floor(colStart / side); col * side < colEnd; col++) places.push({ level, row, col });
  }
  const distance = ({ row, col }: TilePlace) => Math.hypot((row + 0.5) * side - view.y, (col + 0.5) * side - view.x);
  return places.sort((a, b) => distance(a) - distance(b));
}

function makeTexture(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
  return texture;
}
