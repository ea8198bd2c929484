// Finds where JSON values end without building them: most of a record is skipped, and brackets and quotes are found by the engine's own
// search.

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BLANK = 0x20;
const MINUS = 0x2d;
const ZERO = 0x30;

/** An error in a text, and its position. */
export class JsonFault extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

/** Returned if the value ends beyond the available bytes. */
export const INCOMPLETE = -1;

/** Limit for nesting, which real data does not reach. */
const MAX_NESTING = 512;

/** Returns the index of the first byte from `at` that is not white space, or the length of `bytes`. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length && (bytes[i] as number) <= BLANK && isBlank(bytes[i] as number)) i += 1;
  return i;
}

/** A NUL, which a crash can leave at the end of a file, is not white space. */
function isBlank(byte: number): boolean {
  return byte === BLANK || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/**
 * Returns the index after the value that begins at `start`, or INCOMPLETE. A number or word at the end of `bytes` may continue, unless
 * `last` is set.
 */
export function endOfValue(bytes: Uint8Array, start: number, last: boolean): number {
  const first = bytes[start];
  if (first === undefined) return INCOMPLETE;
  if (first === QUOTE) return endOfString(bytes, start);
  if (first === OPEN_BRACKET || first === OPEN_BRACE) return endOfContainer(bytes, start);
  let i = start;
  while (i < bytes.length && !endsWord(bytes[i] as number)) i += 1;
  if (i === start) throw new JsonFault(start, `expected a value, got ${nameByte(first)}`);
  return i < bytes.length || last ? i : INCOMPLETE;
}

function endsWord(byte: number): boolean {
  return byte <= BLANK || byte === COMMA || byte === CLOSE_BRACKET || byte === CLOSE_BRACE || byte === COLON;
}

function endOfString(bytes: Uint8Array, start: number): number {
  for (let i = bytes.indexOf(QUOTE, start + 1); i >= 0; i = bytes.indexOf(QUOTE, i + 1)) {
    let escapes = 0;
    while (bytes[i - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return i + 1;
  }
  return INCOMPLETE;
}

function endOfContainer(bytes: Uint8Array, start: number): number {
  const closing: number[] = [];
  for (let i = start; i < bytes.length; ) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) {
      i = endOfString(bytes, i);
      if (i < 0) return INCOMPLETE;
      continue;
    }
    if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      const numbers = byte === OPEN_BRACKET ? endOfNumbers(bytes, i) : undefined;
      if (numbers === INCOMPLETE) return INCOMPLETE;
      if (numbers !== undefined) {
        if (closing.length === 0) return numbers;
        i = numbers;
        continue;
      }
      if (closing.length === MAX_NESTING) throw new JsonFault(i, `nested more than ${MAX_NESTING} deep`);
      closing.push(byte === OPEN_BRACKET ? CLOSE_BRACKET : CLOSE_BRACE);
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      if (closing.pop() !== byte) throw new JsonFault(i, `${nameByte(byte)} closes nothing that is open`);
      if (closing.length === 0) return i + 1;
    }
    i += 1;
  }
  return INCOMPLETE;
}

/** Returns the index after an array of numbers that begins at `start`, or undefined if it may contain anything else. */
function endOfNumbers(bytes: Uint8Array, start: number): number | undefined {
  const first = bytes[skipBlanks(bytes, start + 1)];
  if (first === undefined) return INCOMPLETE;
  if (first !== MINUS && (first - ZERO) >>> 0 > 9) return undefined;
  const end = bytes.indexOf(CLOSE_BRACKET, start);
  if (end < 0) return INCOMPLETE;
  const inner = bytes.subarray(start + 1, end);
  return inner.includes(QUOTE) || inner.includes(OPEN_BRACKET) || inner.includes(OPEN_BRACE) ? undefined : end + 1;
}

function nameByte(byte: number): string {
  return byte > BLANK && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `the byte ${byte}`;
}

/** A field of an object or an element of an array; `at` is the position of its value. */
export interface Member {
  /** The name as it appears between its quotes; empty for elements. */
  readonly name: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const NO_NAME = new Uint8Array(0);

/** Yields the members of the complete object or array that begins at `start`. Throws JsonFault if it is neither. */
export function* membersOf(bytes: Uint8Array, start: number): Generator<Member, void, undefined> {
  const walk = new MemberWalk(bytes, start);
  while (walk.next()) {
    const { name, at } = walk;
    walk.at = endOfMember(bytes, at);
    yield { name, start: at, end: walk.at };
  }
}

/** Returns the index after the value of a member that begins at `start`. Throws JsonFault if it is truncated. */
export function endOfMember(bytes: Uint8Array, start: number): number {
  const end = endOfValue(bytes, start, true);
  if (end < 0) throw new JsonFault(start, 'the text ends within a value');
  return end;
}

/** Moves from member to member of an object or array; the caller finds the end of each value. Throws JsonFault. */
export class MemberWalk {
  /** The member's name as it appears between its quotes; empty for elements. */
  name: Uint8Array = NO_NAME;
  /** Position of the member's value. The caller moves it after the value. At the end, it is after the closing bracket. */
  at: number;
  readonly #closing: typeof CLOSE_BRACE | typeof CLOSE_BRACKET;
  #first = true;

  /** The object or array begins at `start`. */
  constructor(
    private readonly bytes: Uint8Array,
    start: number,
  ) {
    this.#closing = bytes[start] === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
    this.at = start + 1;
  }

  /** Moves to the next value; returns false after the last. */
  next(): boolean {
    const { bytes } = this;
    this.at = skipBlanks(bytes, this.at);
    if (bytes[this.at] === this.#closing) {
      this.at += 1;
      return false;
    }
    if (!this.#first) {
      if (bytes[this.at] !== COMMA) throw new JsonFault(this.at, `expected ',' or '${String.fromCharCode(this.#closing)}'`);
      this.at = skipBlanks(bytes, this.at + 1);
    }
    this.#first = false;
    if (this.#closing === CLOSE_BRACE) this.#readName();
    return true;
  }

  #readName(): void {
    const { bytes, at } = this;
    if (bytes[at] !== QUOTE) throw new JsonFault(at, 'expected the name of a field in quotes');
    const end = endOfString(bytes, at);
    if (end < 0) throw new JsonFault(at, 'a quote is never closed');
    this.name = bytes.subarray(at + 1, end - 1);
    this.at = skipBlanks(bytes, end);
    if (bytes[this.at] !== COLON) throw new JsonFault(this.at, "expected ':' after the name of a field");
    this.at = skipBlanks(bytes, this.at + 1);
  }
}
