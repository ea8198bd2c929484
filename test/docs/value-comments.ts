// Turns comments that state the value of an expression, such as `s.at(0, 1) // 0.70710`, into comparisons.

import ts from 'typescript';

/** A number, string, boolean, or a list of them, optionally followed by prose after a comma, colon or full stop. */
const VALUE = /^(?:(\w+Array)\s*)?(-?\d[\d_]*(?:\.\d+)?(?:e-?\d+)?|'[^']*'|true|false|\[[^[\]]*\])(?=$|[:,;.]?\s)/;
const SHAPE = /^(?:a Matrix, )?\((\d+), (\d+)\)/;

export interface Checked {
  readonly code: string;
  /** The number of comments that are compared. */
  readonly count: number;
}

/** Returns the module with `import ... from './check-values.js'` and a comparison for each comment with a value or a shape. */
export function withChecks(source: string): Checked {
  const file = ts.createSourceFile('block.ts', source, ts.ScriptTarget.ES2022, true);
  const edits: { from: number; to: number; text: string }[] = [];
  for (const statement of file.statements) {
    const rest = source.slice(statement.end).split('\n', 1)[0] as string;
    const comment = /^\s*\/\/ ?(.*)$/.exec(rest)?.[1]?.trim();
    if (comment === undefined) continue;
    if (ts.isExpressionStatement(statement)) {
      const [, type, value] = VALUE.exec(comment) ?? [];
      if (value === undefined) continue;
      const { expression } = statement;
      const literal = value.replaceAll('_', '');
      edits.push({
        from: statement.getStart(),
        to: statement.end,
        text: `;checkValue(${expression.getText()}, ${literal}, ${JSON.stringify(type ?? null)}, ${JSON.stringify(`${expression.getText()} // ${comment}`)});`,
      });
    } else if (ts.isVariableStatement(statement)) {
      const [, rows, cols] = SHAPE.exec(comment) ?? [];
      const [declaration] = statement.declarationList.declarations;
      if (rows === undefined || !declaration || !ts.isIdentifier(declaration.name)) continue;
      const name = declaration.name.text;
      edits.push({
        from: statement.end,
        to: statement.end,
        text: `;checkValue(${name}.shape, [${rows}, ${cols}], null, '${name}');`,
      });
    }
  }
  let code = source;
  for (const { from, to, text } of edits.reverse()) code = code.slice(0, from) + text + code.slice(to);
  return { code: `import { checkValue } from './check-values.js';\n${code}`, count: edits.length };
}

/** check-values.js for Node and pages: numbers agree to the written digits. */
export const CHECK_VALUES = `
const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
function agree(got, expected) {
  if (Array.isArray(expected)) return got?.length === expected.length && expected.every((one, at) => agree(got[at], one));
  if (typeof expected !== 'number' || Number.isInteger(expected)) return got === expected;
  const digits = String(expected).split('.')[1]?.length ?? 0;
  return Math.abs(got - expected) <= (digits > 15 ? 0 : 0.5 * 10 ** -digits);
}
export function checkValue(got, expected, type, where) {
  if (type && got?.constructor?.name !== type) throw new Error(where + ': got a ' + got?.constructor?.name);
  if (!agree(plain(got), expected)) throw new Error(where + ': got ' + JSON.stringify(plain(got)));
}
`;
