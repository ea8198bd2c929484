// Draws the points of a map with many rows by WebGL 2.

import { rgbOfHex } from '../state/oklab.js';
import { makeProgram } from './gl-program.js';
import type { MapClass } from './map-colours.js';
import type { MapFrame, MapView } from './map-view.js';

const VERTEX = `#version 300 es
in vec2 place;         // in the square
uniform vec2 middle;   // what is seen in the middle
uniform vec2 scale;    // clip space units in the square
uniform float size;
void main() {
  gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
  gl_PointSize = size;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
uniform vec3 colour;
out vec4 pixel;
void main() {
  if (length(gl_PointCoord - 0.5) > 0.5) discard;
  pixel = vec4(colour, 1.0);
}`;

/** How one class is drawn. */
export interface PointLook {
  /** #rrggbb */
  readonly colour: string;
  /** In CSS pixels. */
  readonly radius: number;
}

export class MapPoints {
  private readonly program: WebGLProgram;
  private classes: readonly MapClass[] | undefined;

  private constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly canvas: HTMLCanvasElement,
  ) {
    this.program = makeProgram(gl, VERTEX, FRAGMENT);
    gl.useProgram(this.program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    const place = gl.getAttribLocation(this.program, 'place');
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
  }

  /** Undefined if the browser lacks WebGL 2. */
  static create(): MapPoints | undefined {
    const canvas = document.createElement('canvas');
    const gl = canvas.getContext('webgl2', { antialias: false, preserveDrawingBuffer: true });
    return gl ? new MapPoints(gl, canvas) : undefined;
  }

  /** Draws the classes one after another; the picture is valid until the next call. */
  draw(
    classes: readonly MapClass[],
    places: (row: number) => { readonly x: number; readonly y: number },
    lookOf: (entry: MapClass) => PointLook,
    order: readonly MapClass[],
    view: MapView,
    frame: MapFrame,
    ratio: number,
  ): HTMLCanvasElement {
    const { gl, canvas, program } = this;
    const [width, height] = [Math.round(frame.width * ratio), Math.round(frame.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (this.classes !== classes) this.upload(classes, places);
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const at = (name: string) => gl.getUniformLocation(program, name);
    const pixels = frame.side * view.zoom;
    gl.uniform2f(at('middle'), view.x, view.y);
    gl.uniform2f(at('scale'), (2 * pixels) / frame.width, (-2 * pixels) / frame.height);
    const starts = startsOf(classes);
    for (const entry of order) {
      const { colour, radius } = lookOf(entry);
      gl.uniform3f(at('colour'), ...rgbOfHex(colour));
      gl.uniform1f(at('size'), 2 * radius * ratio);
      gl.drawArrays(gl.POINTS, starts.get(entry) ?? 0, entry.rows.length);
    }
    return canvas;
  }

  /** Browsers allow only a few contexts at once. */
  end(): void {
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  /** One class after another. */
  private upload(classes: readonly MapClass[], placeOf: (row: number) => { readonly x: number; readonly y: number }): void {
    const { gl } = this;
    const places = new Float32Array(2 * classes.reduce((sum, { rows }) => sum + rows.length, 0));
    let next = 0;
    for (const { rows } of classes) {
      for (const row of rows) {
        const { x, y } = placeOf(row);
        places[next++] = x;
        places[next++] = y;
      }
    }
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
    this.classes = classes;
  }
}

function startsOf(classes: readonly MapClass[]): ReadonlyMap<MapClass, number> {
  const starts = new Map<MapClass, number>();
  let start = 0;
  for (const entry of classes) {
    starts.set(entry, start);
    start += entry.rows.length;
  }
  return starts;
}
