// Writes SVG as text.

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escaped(text: string): string {
  return Array.from(text, (character) => ENTITIES[character] ?? (isInXml(character) ? character : '')).join('');
}

/** XML forbids most control characters. */
function isInXml(character: string): boolean {
  const code = character.codePointAt(0) as number;
  return code >= 32 ? code !== 0xfffe && code !== 0xffff : code === 9 || code === 10 || code === 13;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly background: string;
  readonly ink: string;
  readonly body: string;
}

/** Height of the line with the title. */
export const TITLE = 28;

export function svgOf({ width, height, title, background, ink, body }: Drawing): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + TITLE}" viewBox="0 0 ${width} ${height + TITLE}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="${background}"/>`,
    `<text x="10" y="19" font-size="14" fill="${ink}">${escaped(title)}</text>`,
    `<g transform="translate(0 ${TITLE})">${body}</g>`,
    '</svg>',
  ].join('\n');
}
