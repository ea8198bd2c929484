// Checks how deeply JSON is nested before parsing it, because the time that JSON.parse takes grows with the square of the depth.

const [QUOTE, BACKSLASH, SQUARE, SQUARE_END, BRACE, BRACE_END] = ['"', '\\', '[', ']', '{', '}'].map((each) =>
  each.charCodeAt(0),
);

/** Limit for nesting; vectors and the structures around them are nested only a few levels deep. */
const MAX_NESTING = 64;

/** Parses JSON with limited nesting. Throws an Error if it is nested more deeply or is not JSON. */
export function parseFlatJson(text: string): unknown {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === SQUARE || code === BRACE) {
      if (++depth > MAX_NESTING) throw new Error(`nested more than ${MAX_NESTING} deep`);
    } else if (code === SQUARE_END || code === BRACE_END) depth--;
  }
  return JSON.parse(text);
}
