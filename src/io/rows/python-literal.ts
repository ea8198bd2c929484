// Parses the Python literals of headers: strings, integers, True, False, None, tuples, lists and dictionaries.

/** A value; lists and tuples become arrays. */
export type PythonValue = string | number | boolean | null | PythonValue[] | Map<string, PythonValue>;

/** Thrown where a text contains something other than a literal. */
export class LiteralFault extends Error {
  constructor(
    /** Index of the character. */
    readonly at: number,
    expected: string,
  ) {
    super(`expected ${expected}`);
  }
}

const MAX_NESTING = 16;
const WORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };

/** Parses the literal in `text`, which may be surrounded by blanks. Throws LiteralFault. Each character is read once. */
export function parsePythonLiteral(text: string): PythonValue {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  #at = 0;

  constructor(private readonly text: string) {}

  value(nesting: number): PythonValue {
    this.#skipBlanks();
    const start = this.text[this.#at];
    if (nesting > MAX_NESTING) return this.#fail('less nesting');
    if (start === "'" || start === '"') return this.#string();
    if (start === '(') return this.#items(')', nesting);
    if (start === '[') return this.#items(']', nesting);
    if (start === '{') return this.#dictionary(nesting);
    const word = this.#take(/True\b|False\b|None\b/y);
    if (word !== undefined) return WORDS[word] as boolean | null;
    const number = this.#take(/\d{1,20}/y);
    if (number === undefined) return this.#fail('a value');
    this.#take(/L/y); // Python 2 wrote long integers in this way.
    return Number(number);
  }

  end(): void {
    this.#skipBlanks();
    if (this.#at < this.text.length) this.#fail('nothing after }');
  }

  #items(close: string, nesting: number): PythonValue[] {
    this.#at += 1;
    const items: PythonValue[] = [];
    while (!this.#closes(close)) {
      items.push(this.value(nesting + 1));
      this.#separator(close);
    }
    return items;
  }

  #dictionary(nesting: number): Map<string, PythonValue> {
    this.#at += 1;
    const entries = new Map<string, PythonValue>();
    while (!this.#closes('}')) {
      if (!/['"]/.test(this.text[this.#at] ?? '')) this.#fail('a key or }');
      const key = this.#string();
      this.#skipBlanks();
      if (this.#take(/:/y) === undefined) this.#fail(':');
      entries.set(key, this.value(nesting + 1));
      this.#separator('}');
    }
    return entries;
  }

  #string(): string {
    const quote = this.text[this.#at];
    const quoted = this.#take(quote === "'" ? /'[^'\\]*'/y : /"[^"\\]*"/y) ?? this.#fail('a text in quotes');
    return quoted.slice(1, -1);
  }

  #closes(close: string): boolean {
    this.#skipBlanks();
    if (this.text[this.#at] !== close) return false;
    this.#at += 1;
    return true;
  }

  #separator(close: string): void {
    this.#skipBlanks();
    if (this.#take(/,/y) === undefined && this.text[this.#at] !== close) this.#fail(`, or ${close}`);
  }

  #skipBlanks(): void {
    this.#take(/\s+/y);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #fail(expected: string): never {
    throw new LiteralFault(this.#at, expected);
  }
}
