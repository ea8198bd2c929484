// Colours in OKLab, whose even steps look even: https://bottosson.github.io/posts/oklab/

/** Lightness from 0 to 1, and the green-red and blue-yellow components of the colour. */
export type Oklab = readonly [lightness: number, a: number, b: number];

/** Returns sRGB bytes. A component that a screen cannot show is clamped. */
export function bytesOfOklab([lightness, a, b]: Oklab): [red: number, green: number, blue: number] {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byteOf(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    byteOf(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    byteOf(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

/** Applies the gamma of sRGB to a linear component. */
function byteOf(linear: number): number {
  const part = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, part)));
}

/** Returns a colour by its hue in degrees; chroma 0 is grey. */
export function oklabOfHue(lightness: number, chroma: number, hue: number): Oklab {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

export function hexOf(bytes: readonly number[]): string {
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Returns the components of a colour of the style sheet, from 0 to 1. */
export function rgbOfHex(hex: string): [red: number, green: number, blue: number] {
  const digits = /^#([0-9a-f]{6})$/i.exec(hex)?.[1];
  if (digits === undefined) throw new Error(`expected a colour as #rrggbb, got ${hex}`);
  const part = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16) / 255;
  return [part(0), part(2), part(4)];
}
