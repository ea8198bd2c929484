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

/** A JSON text with its integers of 16 digits and more as strings: as numbers they would be rounded. */
export function quoteLongIntegers(text: string): string {
  if (!/(?<![\w.+-])-?\d{16}/.test(text)) return text;
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\w.+-])-?\d{16,}(?=\s*(?:[,\]}]|$))/gs, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  );
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

function quoteNonFinite(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gs, (found) => (found.startsWith('"') ? found : `"${found}"`));
}
