// A text in which additions and omissions compared with another text are marked.

import { useMemo } from 'preact/hooks';
import { type Part, partsOf } from './text-parts.js';

/** `other`: undefined if there is nothing to compare with. */
export function TextDifference({ text, other }: { text: string; other: string | undefined }) {
  const parts = useMemo(() => (other === undefined ? undefined : partsOf(text, other)), [text, other]);
  if (!parts) return <span dir="auto">{text}</span>;
  return <span dir="auto">{parts.map(marked)}</span>;
}

function marked({ text, kind }: Part) {
  if (kind === 'same') return text;
  return kind === 'added' ? <mark>{text}</mark> : <del>{text}</del>;
}
