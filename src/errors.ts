// Every error a caller can meet. `code` is stable; messages say what was expected, what came, and what to do.

import { API_WORDS, inWords, type Phrase, type Words } from './words.js';

/** The base of all errors that allpairs throws on purpose. `code`, as in 'ERR_ALLPAIRS_ARGUMENT', stays the same for good. */
export class AllpairsError extends Error {
  readonly code: string;
  readonly #phrase: Phrase;

  constructor(code: string, message: Phrase, options?: ErrorOptions) {
    super(inWords(message, API_WORDS), options);
    this.name = new.target.name;
    this.code = code;
    this.#phrase = message;
  }

  /** The message in other words: for programs whose users know arguments, options and calls by other names. */
  messageIn(words: Words): string {
    return inWords(this.#phrase, words);
  }
}

/** An argument is not what the call expects; `argument` names it. */
export class ArgumentError extends AllpairsError {
  readonly argument: string;

  constructor(argument: string, message: Phrase) {
    super('ERR_ALLPAIRS_ARGUMENT', message);
    this.argument = argument;
  }
}

/** The error of a call whose argument was detached or resized before the call was done with it. */
export function argumentLost(argument: string): ArgumentError {
  return new ArgumentError(
    argument,
    (words) =>
      `${words.argument(argument)} was detached or resized during the call; ` +
      'transfer or resize its buffer only after the call has settled',
  );
}

/** A backend cannot run here; the message is the reason. */
export class UnsupportedError extends AllpairsError {
  constructor(message: string) {
    super('ERR_ALLPAIRS_UNSUPPORTED', message);
  }
}

/** The work needs more memory than there is; `bytes` is how much it needs, as far as that is known. */
export class MemoryError extends AllpairsError {
  readonly bytes: number;

  constructor(bytes: number, message: Phrase, options?: ErrorOptions) {
    super('ERR_ALLPAIRS_MEMORY', message, options);
    this.bytes = bytes;
  }
}

/** A file is not what it claims to be; `offset` is the byte where that showed, 0 where it is the file as a whole. */
export class FormatError extends AllpairsError {
  readonly file: string;
  readonly offset: number;

  constructor(file: string, offset: number | 'whole', message: Phrase) {
    const where = offset === 'whole' ? file : `${file}: byte ${offset}`;
    super('ERR_ALLPAIRS_FORMAT', (words) => `${where}: ${inWords(message, words)}`);
    this.file = file;
    this.offset = offset === 'whole' ? 0 : offset;
  }
}

/** A thread of the pool ended in the middle of its work. The next call starts a new one. */
export class ThreadError extends AllpairsError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_ALLPAIRS_THREAD', message, options);
  }
}
