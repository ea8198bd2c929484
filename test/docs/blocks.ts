// The code blocks of a document, fenced and indented.

import { readFileSync } from 'node:fs';
import MarkdownIt from 'markdown-it';

export interface Block {
  /** Its key: document, heading above it, and its number there. */
  readonly key: string;
  readonly document: string;
  readonly heading: string;
  readonly line: number;
  /** The fence's info string, or 'indented'. */
  readonly info: string;
  readonly text: string;
  /** Its output: the next ```text block, if no other block precedes it. */
  readonly output: string | undefined;
}

export function blocksOf(root: string, document: string): Block[] {
  let heading = '';
  let inHeading = false;
  const found: Omit<Block, 'key' | 'output'>[] = [];
  const visit = (tokens: ReturnType<MarkdownIt['parse']>) => {
    for (const { type, map, content, info } of tokens) {
      if (type === 'heading_open' || type === 'heading_close') inHeading = type === 'heading_open';
      else if (inHeading && type === 'inline') heading = content;
      else if (type === 'fence' || type === 'code_block') {
        const kind = type === 'fence' ? info.trim() : 'indented';
        found.push({ document, heading, line: (map?.[0] ?? 0) + 1, info: kind, text: content });
      }
    }
  };
  visit(new MarkdownIt().parse(readFileSync(`${root}/${document}`, 'utf8'), {}));
  return found.map((block, at) => {
    const number = found.slice(0, at + 1).filter((other) => other.heading === block.heading).length;
    const next = found[at + 1];
    const output = next?.info === 'text' && next.heading === block.heading ? next.text : undefined;
    return { ...block, key: `${document} › ${block.heading} › ${number}`, output };
  });
}
