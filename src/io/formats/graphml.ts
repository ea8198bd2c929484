// Graphs as GraphML, which networkx, igraph and Gephi read.
//
// http://graphml.graphdrawing.org/primer/graphml-primer.html

import { UnsupportedError } from '../../errors.js';
import type { AtomicFile } from '../bytes/atomic-file.js';
import type { RowValues } from '../records/row-values.js';
import { shortest } from './text-sinks.js';

/** Number of nodes and edges formatted at a time. */
const AT_ONCE = 8192;

/** One node for each row, identified by the prefix and the row number. */
export interface GraphNodes {
  readonly prefix: string;
  readonly count: number;
  /** Numbers of rows that are not nodes. */
  readonly left: ReadonlySet<number>;
  readonly attributes: readonly RowValues[];
}

/** Edges, given by the numbers of their rows. */
interface Edges {
  readonly rows: ArrayLike<number>;
  readonly cols: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

export interface Graph {
  readonly nodes: readonly GraphNodes[];
  /** Prefixes of the nodes at both ends of an edge. */
  readonly prefixes: readonly [row: string, col: string];
  readonly directed: boolean;
  /** Name of the score attribute of edges. */
  readonly weight: string;
  readonly type: 'f4' | 'f8';
  readonly edges: AsyncIterable<Edges> | Iterable<Edges>;
  readonly signal: AbortSignal;
}

const TYPES = { i8: 'long', u8: 'string', f8: 'double', text: 'string' } as const;

/** Throws UnsupportedError for text that XML cannot represent. */
export async function writeGraphml(file: AtomicFile, graph: Graph): Promise<void> {
  const { nodes, prefixes, directed, weight, type, edges, signal } = graph;
  const keys = keysOf(nodes);
  const declared = keys.map(
    ({ name, type }, at) => `  <key id="k${at}" for="node" attr.name="${escapeXml(name, name)}" attr.type="${TYPES[type]}"/>\n`,
  );
  await append(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n${declared.join('')}` +
      `  <key id="w" for="edge" attr.name="${weight}" attr.type="double"/>\n` +
      `  <graph edgedefault="${directed ? 'directed' : 'undirected'}">\n`,
  );
  for (const each of nodes) await writeNodes(file, each, keys, signal);
  const [rowPrefix, colPrefix] = prefixes;
  for await (const { rows, cols, scores } of edges) {
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      signal.throwIfAborted();
      let text = '';
      for (let at = from; at < Math.min(rows.length, from + AT_ONCE); at++) {
        const score = shortest(scores[at] as number, { type });
        text += `    <edge source="${rowPrefix}${rows[at]}" target="${colPrefix}${cols[at]}"><data key="w">${score}</data></edge>\n`;
      }
      await append(file, text);
    }
  }
  await append(file, '  </graph>\n</graphml>\n');
}

type Key = Pick<RowValues, 'name' | 'type'>;

/** One key for each name and type, because both sides may have attributes of the same name. */
function keysOf(nodes: readonly GraphNodes[]): Key[] {
  const keys = new Map<string, Key>();
  for (const { attributes } of nodes) for (const { name, type } of attributes) keys.set(`${type} ${name}`, { name, type });
  return [...keys.values()];
}

async function writeNodes(
  file: AtomicFile,
  { prefix, count, left, attributes }: GraphNodes,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<void> {
  const places = attributes.map(({ name, type }) => keys.findIndex((key) => key.name === name && key.type === type));
  for (let from = 0; from < count; from += AT_ONCE) {
    signal.throwIfAborted();
    let text = '';
    for (let row = from; row < Math.min(count, from + AT_ONCE); row++) {
      if (left.has(row)) continue;
      let data = '';
      for (const [at, { name, texts }] of attributes.entries()) {
        data += `<data key="k${places[at]}">${escapeXml(texts[row] as string, `${name} of row ${row}`)}</data>`;
      }
      text += `    <node id="${prefix}${row}"${data === '' ? '/>' : `>${data}</node>`}\n`;
    }
    await append(file, text);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };
/** Control characters, unpaired surrogates and noncharacters, for which XML 1.0 has no escapes. */
const IMPOSSIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Throws UnsupportedError if XML cannot represent `text`; `what` names it in the message. */
export function checkXmlText(text: string, what: string): void {
  const [bad] = IMPOSSIBLE.exec(text) ?? [];
  if (bad === undefined) return;
  const code = bad.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw new UnsupportedError(`${what} has the character U+${code}, which XML cannot hold.`, { advice: 'Write .csv or .jsonl' });
}

/** Escapes text between tags or in quotes. */
function escapeXml(text: string, what: string): string {
  checkXmlText(text, what);
  return text.replace(/[&<>"\r]/g, (character) => ENTITIES[character] as string);
}

function append(file: AtomicFile, text: string): Promise<void> {
  return file.append(Buffer.from(text));
}
