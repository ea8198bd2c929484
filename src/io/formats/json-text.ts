// JSON of any origin, parsed: bounded, and with the NaN and Infinity that Python writes.

/** Each array, object or field of a JSON text costs far more than its few characters. No row of any use has more of them. */
const MAX_CONTAINERS = 2 ** 20;

/** Parses JSON. NaN and Infinity come as the strings 'NaN' and 'Infinity', which `parseNumber` reads. `fail` gets what is wrong. */
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

/** Stands before a long integer in the string that it becomes. No text of a file begins with it. */
const LONG_INTEGER = `long integer ${Math.random()} `;

/** A JSON text with its integers of 16 digits and more as strings: as numbers they would be rounded. */
export function quoteLongIntegers(text: string): string {
  if (!/(?<![\w.+-])-?\d{16}/.test(text)) return text;
  return replaceOutsideStrings(text, /(?<![\w.+-])-?\d{16,}(?=\s*(?:[,\]}]|$))/g, LONG_INTEGER);
}

/** The digits of a long integer that became a string; undefined for any other value. */
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

/** Quotes what `pattern` finds between strings. One pattern for strings, too, would overflow the stack of the engine in long ones. */
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

/** Behind the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = indexOr(text, '"', at, text.length);
    let first = at;
    while (text[first - 1] === '\\') first -= 1;
    // An even number of backslashes escapes itself, not the quote.
    if (at === text.length || (at - first) % 2 === 0) return Math.min(at + 1, text.length);
  }
}

function indexOr(text: string, character: string, from: number, missing: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? missing : at;
}
