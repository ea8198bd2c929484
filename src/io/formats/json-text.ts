// Parses JSON from untrusted sources, with limits, and with the NaN and Infinity that Python writes.

/** Limit for arrays, objects and fields, each of which costs far more than its few characters. */
const MAX_CONTAINERS = 2 ** 20;

/** Parses JSON. NaN and Infinity become the strings 'NaN' and 'Infinity', which `parseNumber` reads. Errors are passed to `fail`. */
export function parseJson(text: string, fail: (fault: string) => never): unknown {
  if (text.length > MAX_CONTAINERS) {
    if (count(text, '[') + count(text, '{') > MAX_CONTAINERS) fail(`more than ${MAX_CONTAINERS} arrays and objects`);
    if (count(text, ':') > MAX_CONTAINERS) fail(`more than ${MAX_CONTAINERS} fields`);
  }
  try {
    return JSON.parse(text);
  } catch {
    const quoted = quoteNonFinite(text);
    if (quoted === text) return fail('not valid JSON');
    try {
      return JSON.parse(quoted);
    } catch {
      return fail('not valid JSON');
    }
  }
}

/** Prefix of the string that a long integer becomes. No text of a file begins with it. */
const LONG_INTEGER = `long integer ${Math.random()} `;

/** Turns integers of 16 and more digits into strings, because as numbers they would be rounded. */
export function quoteLongIntegers(text: string): string {
  if (!/(?<![\w.+-])-?\d{16}/.test(text)) return text;
  return replaceOutsideStrings(text, /(?<![\w.+-])-?\d{16,}(?=\s*(?:[,\]}]|$))/g, LONG_INTEGER);
}

/** Returns the digits of a long integer that became a string, or undefined for any other value. */
export function longIntegerOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(LONG_INTEGER) ? value.slice(LONG_INTEGER.length) : undefined;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

function quoteNonFinite(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return replaceOutsideStrings(text, /-?\bInfinity\b|\bNaN\b/g, '');
}

/**
 * Quotes matches of `pattern` between strings. A single pattern that also matches strings would overflow the engine's stack for long ones.
 */
function replaceOutsideStrings(text: string, pattern: RegExp, prefix: string): string {
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    const start = indexOr(text, '"', from, text.length);
    parts.push(text.slice(from, start).replace(pattern, `"${prefix}$&"`));
    const end = endOfString(text, start);
    parts.push(text.slice(start, end));
    from = end;
  }
  return parts.join('');
}

/** Returns the index after the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = indexOr(text, '"', at, text.length);
    let first = at;
    while (text[first - 1] === '\\') first -= 1;
    // An even number of backslashes does not escape the quote.
    if (at === text.length || (at - first) % 2 === 0) return Math.min(at + 1, text.length);
  }
}

function indexOr(text: string, character: string, from: number, missing: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? missing : at;
}
