// Writes docs/api.md: the exports of the entry in their order, from the built declarations and docstrings.
//
//     npm run api

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const TYPES = fileURLToPath(new URL('../dist/types', import.meta.url));
export const API_FILE: string = fileURLToPath(new URL('../docs/api.md', import.meta.url));

const HEAD = `# API

<!-- Written by \`npm run api\` from the docstrings in src/. Change those. -->

Everything that \`import ... from 'allpairs'\` provides, in the order of the entry. [guide.md](guide.md) shows how to use it.

x has N rows, y has M, and each row has D elements. Scores have no unit, sizes are in bytes, and times are in milliseconds. Arrays of
scores are Float32Array or Float64Array, depending on \`dtype\`; their types reflect this. Options and results follow the call they belong
to. Every error that allpairs throws on purpose is an [\`AllpairsError\`](#allpairserror); an aborted call rejects with the signal's reason.
\`?\` marks what is optional.
`;

const PAGES = `# In browsers

Browsers get the same exports from \`dist/entry/browser.js\`, which bundlers choose automatically, except for these.
`;

/** One exported name as it appears on the page. */
interface Entry {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly node: ts.Declaration;
}

/** Returns the whole page. */
export function apiReference(): string {
  const files = ['index', 'browser'].map((name) => `${TYPES}/${name}.d.ts`);
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: ['node'] };
  const program = ts.createProgram(files, { ...options, target: ts.ScriptTarget.ES2022, noEmit: true });
  const checker = program.getTypeChecker();
  const [node, page] = files.map((file) => entriesOf(program.getSourceFile(file), checker)) as [Entry[], Entry[]];

  const shown = inOrder(node.filter((entry) => !isCallType(entry)));
  const symbols = new Set(node.map(({ symbol }) => declared(symbol)));
  const different = page.filter(({ symbol }) => !symbols.has(declared(symbol)));
  const missing = node.filter(({ name }) => !page.some((entry) => entry.name === name)).map(({ name }) => `\`${name}\``);

  const slugs = new Slugs();
  slugs.of('API');
  const links = new Map(shown.map(({ name }) => [name, `[\`${name}\`](#${slugs.of(name)})`]));
  const section = (entry: Entry) => describe(entry, checker, links);
  const callTypes = node.filter(isCallType).map(({ name }) => `\`${name}\``);
  return [
    HEAD,
    `${[...links.values()].join(' · ')}\n`,
    `The types of the calls are exported as ${callTypes.join(', ')}.\n`,
    ...shown.map(section),
    PAGES,
    `Not there: ${missing.join(', ')}.\n`,
    ...different.map(section),
  ].join('\n');
}

function entriesOf(file: ts.SourceFile | undefined, checker: ts.TypeChecker): Entry[] {
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`nothing is built in ${TYPES}: npm run build`);
  return checker.getExportsOfModule(module).map((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return { name: exported.name, symbol, node: symbol.declarations?.[0] as ts.Declaration };
  });
}

/** Both entries declare the calls separately; declarations with the same text count as one. */
function declared(symbol: ts.Symbol): string {
  const [node] = symbol.declarations as [ts.Declaration];
  const { fileName } = node.getSourceFile();
  return node.getText().includes('Api[') ? node.getText() : `${fileName} ${symbol.name}`;
}

/** Names that belong to a call or another name appear below it. The others have their own section. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  cosineSimilarity: [
    'CosineSimilarityOptions',
    'Options',
    'ZeroRows',
    'IdsOptions',
    'RowIds',
    'Progress',
    'DType',
    'ScoreArray',
  ],
  pairedSimilarity: ['PairedSimilarityOptions', 'PairScores'],
  scorePairs: ['ScorePairsOptions'],
  streamMatrix: ['MatrixBlockOptions', 'MatrixBlock'],
  topK: [
    'TopKOptions',
    'PruningOptions',
    'GroupingOptions',
    'GroupingOptionsOfBoth',
    'GroupsOfRows',
    'TopK',
    'TopKEntry',
    'Entries',
  ],
  pairs: ['PairsOptions', 'Pairs', 'PairEntry'],
  bestPairs: ['BestPairsOptions'],
  streamPairs: ['PairsBatch'],
  groups: ['GroupsOptions', 'Groups', 'Group'],
  dedupe: ['DedupeOptions', 'Deduped', 'DroppedRows', 'DroppedRow'],
  linkage: ['LinkageOptions', 'Dendrogram'],
  fitTransform: ['FitTransformOptions', 'Transform', 'TransformOptions'],
  health: ['HealthOptions', 'Health', 'Finding'],
  histogram: ['HistogramOptions', 'Histogram'],
  textRows: ['TextRowsOptions', 'TextRows', 'TextVocabulary', 'TextAnalyzer'],
  plan: ['WorkPlan'],
  runtimeInfo: ['RuntimeInfo', 'BackendName', 'BackendInfo'],
  readNpy: ['NpyRows'],
  openRows: [
    ...['OpenRowsOptions', 'BytesElement', 'NullPolicy', 'FileInput', 'BytesInput', 'ByteSource'],
    ...['RowFile', 'Origin', 'JoinedFile', 'StoredRows', 'ElementType'],
  ],
  Matrix: ['MatrixJson'],
  Rows: [
    'Vector',
    'VectorsById',
    'RowId',
    'ShapedRows',
    'EmbeddingObject',
    'SyncTensor',
    'ArrayMatrix',
    'HalfArray',
    'NumericArray',
  ],
  Checkpoint: ['SavedState', 'SavedArrays'],
};
const IS_BELOW: ReadonlySet<string> = new Set(Object.values(BELOW).flat());

/** Returns the entries, each followed by those below it. */
function inOrder(entries: readonly Entry[]): Entry[] {
  const named = (name: string): Entry => {
    const entry = entries.find((one) => one.name === name);
    if (!entry) throw new Error(`${name} is not exported; scripts/api-reference.ts lists it`);
    return entry;
  };
  const own = entries.filter(({ name }) => !IS_BELOW.has(name));
  return own.flatMap((entry) => [entry, ...(BELOW[entry.name] ?? []).map(named)]);
}

/** The type of a call is described with the call. */
function isCallType({ node }: Entry): boolean {
  return /\/calls\.d\.ts$/.test(node.getSourceFile().fileName) && signaturesIn(node).length > 0;
}

function describe({ name, node }: Entry, checker: ts.TypeChecker, links: ReadonlyMap<string, string>): string {
  const [code, documented] = codeOf(name, node, checker);
  const related = [...links].filter(([other]) => other !== name && new RegExp(`\\b${other}\\b`).test(stripComments(code)));
  const see = related.map(([, link]) => link);
  return [
    `${IS_BELOW.has(name) ? '###' : '##'} ${name}\n`,
    ...prose(documented),
    `\`\`\`ts\n${code}\n\`\`\`\n`,
    ...parameters(documented),
    ...(see.length > 0 ? [`See ${see.join(', ')}.\n`] : []),
  ].join('\n');
}

/** Returns the declaration as users write against it, and the node that has its docstring. */
function codeOf(name: string, node: ts.Declaration, checker: ts.TypeChecker): [code: string, documented: ts.Node] {
  const text = (part: ts.Node) => dedent(part.getText().replace(/^export (declare )?(default )?/, ''));
  if (ts.isVariableDeclaration(node) && node.type && ts.isIndexedAccessTypeNode(node.type)) {
    const member = checker.getTypeAtLocation(node.type.objectType).getProperty(name)?.declarations?.[0] as ts.PropertySignature;
    const type = member.type as ts.TypeNode;
    if (ts.isFunctionTypeNode(type)) return [signature(name, type), member];
    const target = checker.getSymbolAtLocation((type as ts.TypeReferenceNode).typeName) as ts.Symbol;
    const call = (target.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(target) : target)
      .declarations?.[0] as ts.Declaration;
    const signatures = signaturesIn(call);
    return [
      signatures.map((one) => signature(one.name ? `${name}.${one.name.getText()}` : name, one)).join('\n'),
      // The docstring of a call is at its first signature, and that of an object of calls at its interface.
      ts.isTypeAliasDeclaration(call) || signatures[0]?.name ? call : (signatures[0] as ts.Node),
    ];
  }
  if (ts.isVariableDeclaration(node)) return [`const ${text(node)}`, node.parent.parent];
  if (ts.isFunctionDeclaration(node)) return [signature(name, node), node];
  if (ts.isClassDeclaration(node)) return [classCode(node), node];
  if (ts.isInterfaceDeclaration(node)) return [interfaceCode(node, text(node), checker), node];
  if (ts.isTypeAliasDeclaration(node) && /\btypeof\b/.test(node.type.getText())) return [namesCode(name, node, checker), node];
  return [text(node), node];
}

/** Writes a type that is derived from an internal list of names as these names. */
function namesCode(name: string, node: ts.TypeAliasDeclaration, checker: ts.TypeChecker): string {
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;
  return `type ${name} = ${checker.typeToString(checker.getTypeAtLocation(node), node, flags).replaceAll('"', "'")};`;
}

function signaturesIn(node: ts.Declaration): ts.SignatureDeclaration[] {
  if (ts.isInterfaceDeclaration(node))
    return node.members.filter((member) => ts.isCallSignatureDeclaration(member) || ts.isMethodSignature(member));
  return ts.isTypeAliasDeclaration(node) && ts.isFunctionTypeNode(node.type) ? [node.type] : [];
}

/** Types as users see them by default, without what infers the array type from the arguments. */
function signature(name: string, { parameters: given, type, typeParameters }: ts.SignatureDeclaration): string {
  const needsY = typeParameters?.some((parameter) => parameter.getText() === 'Y extends Rows');
  const plain = (text: string) =>
    text
      .replace(/ScoresFor<[^<>]*>/g, 'ScoreArray')
      .replace(/(Options)<[^<>]*>/g, '$1')
      .replace(/\bx: X\b/, 'x: Rows')
      .replace(/\by\?: Y\b/, 'y?: Rows | null')
      .replace(/\by: Y\b/, needsY ? 'y: Rows' : 'y: Rows | null | undefined')
      .replace(/\s+/g, ' ')
      // Uses the public names instead of internal ones.
      .replace(/\b(Groups|Histogram|Pairs|TopK)Result\b/g, '$1');
  return `${name}(${given.map((one) => plain(one.getText())).join(', ')}): ${plain(type?.getText() ?? 'void')};`;
}

/** Writes an interface, including members of a base that the entry does not export. */
function interfaceCode(node: ts.InterfaceDeclaration, text: string, checker: ts.TypeChecker): string {
  const [base] = node.heritageClauses?.[0]?.types ?? [];
  const inside = base && checker.getTypeAtLocation(base).symbol?.declarations?.[0];
  if (!inside || !ts.isInterfaceDeclaration(inside) || !/\/row-reader\.d\.ts$/.test(inside.getSourceFile().fileName))
    return text;
  const members = inside.members.map((member) => dedent(member.getFullText().replace(/^\n/, '')));
  return text.replace(/ extends \w+ \{/, () => ` {\n${members.join('\n')}`);
}

/** Writes a class without its private members. */
function classCode(node: ts.ClassDeclaration): string {
  const generic = node.typeParameters ? `<${node.typeParameters.map((one) => one.getText()).join(', ')}>` : '';
  const base = node.heritageClauses?.map((clause) => ` ${clause.getText()}`).join('') ?? '';
  const abstract = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) ? 'abstract ' : '';
  const members = node.members
    .filter((member) => !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private))
    .filter(({ name }) => !name || !ts.isPrivateIdentifier(name))
    .filter((member) => !ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal'))
    .map((member) => {
      const comments = ts.getJSDocCommentsAndTags(member).filter((part) => part.kind === ts.SyntaxKind.JSDoc);
      // The parameters of a constructor are described by the properties of the same names.
      const text = ts.isConstructorDeclaration(member)
        ? stripComments(member.getText()).replace(/\s+/g, ' ').replace('( ', '(')
        : member.getText();
      return [...comments.map((comment) => comment.getText()), text].map((part) => `    ${part.trim()}`).join('\n');
    });
  return dedent(`${abstract}class ${node.name?.text}${generic}${base} {\n${members.join('\n')}\n}`);
}

/** Declarations are indented by four spaces, this page by two. */
function dedent(text: string): string {
  return text.replace(/^(?: {4})+/gm, (spaces) => ' '.repeat(spaces.length / 2));
}

function stripComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^const /, '');
}

function prose(node: ts.Node): string[] {
  const comments = ts.getJSDocCommentsAndTags(node).filter((part) => ts.isJSDoc(part));
  const text = ts.getTextOfJSDocComment(comments.at(-1)?.comment);
  return text ? [`${text}\n`] : [];
}

/** Writes parameters, return value and errors as a list, followed by examples. */
function parameters(node: ts.Node): string[] {
  const comments = ts.getJSDocCommentsAndTags(node).filter((part) => ts.isJSDoc(part));
  const tags = comments.at(-1)?.tags ?? [];
  const isExample = ({ tagName }: ts.JSDocTag) => tagName.text === 'example';
  const examples = tags.filter(isExample).map(({ comment }) => `\`\`\`ts\n${ts.getTextOfJSDocComment(comment)}\n\`\`\`\n`);
  const others = tags.filter((tag) => !isExample(tag));
  const lines = others.map((tag) => {
    const text = (ts.getTextOfJSDocComment(tag.comment) ?? '').replace(/\s+/g, ' ').trim();
    if (ts.isJSDocParameterTag(tag)) return `- \`${tag.name.getText()}\`: ${text}`;
    if (ts.isJSDocReturnTag(tag)) return `- returns ${text}`;
    if (ts.isJSDocThrowsTag(tag)) return `- throws \`${tag.typeExpression?.type.getText()}\`: ${text}`;
    return `- ${tag.tagName.text}: ${tag
      .getText()
      .replace(/^@\w+\s*/, '')
      .replace(/\s*\*?\s*$/, '')
      .trim()}`;
  });
  return [...(lines.length > 0 ? [`${lines.join('\n')}\n`] : []), ...examples];
}

/** Heading anchors as GitHub creates them: repeated headings get a number. */
class Slugs {
  private readonly seen = new Map<string, number>();

  of(heading: string): string {
    const slug = heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replace(/ /g, '-');
    const count = this.seen.get(slug) ?? 0;
    this.seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(API_FILE, apiReference());
