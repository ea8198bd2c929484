// Every error that a caller can receive. `code` is stable; messages say what was expected, what was given, and what to do.

import { API_WORDING, type Message, mention, say, type Wording, wordsOf } from './message.js';

/** The fields of an error in addition to its message. */
export interface ErrorDetails extends ErrorOptions {
  readonly argument?: string | undefined;
  readonly expected?: Message | undefined;
  readonly received?: string | undefined;
  /** What to do; it ends the message. */
  readonly advice?: Message | undefined;
}

/** An option, and a value of it that an error offers. */
export interface Choice {
  /** For example 'column' or 'header', as `openRows` takes it. */
  readonly option: string;
  readonly value: string | number | boolean;
}

let messageOf: (error: AllpairsError) => Message;

/**
 * The base class of every error that allpairs throws on purpose.
 *
 * The fields say what `message` says, for programs that show an error in their own way. Fields that do not apply are left out.
 *
 * | `code` | class | when |
 * | --- | --- | --- |
 * | `ERR_ALLPAIRS_ARGUMENT` | `ArgumentError` | an argument or option is refused |
 * | `ERR_ALLPAIRS_FORMAT` | `FormatError` | the content of a file does not fit its format |
 * | `ERR_ALLPAIRS_MEMORY` | `MemoryError` | the work needs more memory than it may take, or than there is |
 * | `ERR_ALLPAIRS_UNSUPPORTED` | `UnsupportedError` | a backend cannot run here, or a package for a format is missing |
 * | `ERR_ALLPAIRS_THREAD` | `ThreadError` | a worker thread stopped while it was computing |
 * | `ERR_ALLPAIRS_DEVICE` | `DeviceError` | the GPU was lost, or reported an error, while it was computing |
 * | `ERR_ALLPAIRS_CLOSED` | `AllpairsError` | rows of `openRows` are used after their `close()` |
 *
 * @example
 * try {
 *   await topK(vectors, { k: 0 });
 * } catch (error) {
 *   if (!(error instanceof AllpairsError)) throw error;
 *   console.log(error.code, error.argument); // ERR_ALLPAIRS_ARGUMENT k
 *   console.log(error.expected, error.received); // a positive integer 0
 *   console.log(error.advice ?? error.message); // expected a positive integer for `k`, got 0
 * }
 */
export class AllpairsError extends Error {
  /** Identifies the kind of error, for example 'ERR_ALLPAIRS_ARGUMENT' (see above). Codes never change. */
  readonly code: string;
  /** The name of the argument or option that was refused. */
  declare readonly argument?: string;
  /** What the call accepts, for example 'a positive integer'. */
  declare readonly expected?: string;
  /** A description of what it was given instead. */
  declare readonly received?: string;
  /** What to do about it. */
  declare readonly advice?: string;
  /** The options that `advice` offers, with their values, for programs that let a user choose: `[{ option: 'header', value: true }, ...]`. */
  declare readonly choices?: readonly Choice[];
  readonly #message: Message;

  static {
    messageOf = (error) => error.#message;
  }

  /** @internal */
  constructor(code: string, message: Message, { cause, ...details }: ErrorDetails = {}) {
    const whole = withAdvice(message, details.advice);
    super(wordsOf(whole, API_WORDING), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.#message = whole;
    const fields = { ...mismatchIn(wordsOf(message, API_WORDING)), ...definedIn(details) };
    for (const [field, value] of Object.entries(fields) as [string, Message | undefined][])
      if (value !== undefined) Object.defineProperty(this, field, { value: wordsOf(value, API_WORDING), enumerable: true });
    const choices = choicesIn(details.advice);
    if (choices.length > 0) Object.defineProperty(this, 'choices', { value: choices, enumerable: true });
  }
}

function choicesIn(advice: Message | undefined): readonly Choice[] {
  if (advice === undefined || typeof advice === 'string') return [];
  return advice.flatMap((part) =>
    typeof part === 'object' && 'option' in part && part.value !== undefined
      ? [{ option: part.option, value: part.value }]
      : [],
  );
}

/** The message of an error as `wording` writes it. */
export function messageIn(error: AllpairsError, wording: Wording): string {
  return wordsOf(messageOf(error), wording);
}

/** An argument is not what the call expects; `argument` names it. */
export class ArgumentError extends AllpairsError {
  declare readonly argument: string;

  /** @internal */
  constructor(argument: string, message: Message, details?: ErrorDetails) {
    super('ERR_ALLPAIRS_ARGUMENT', message, { argument, ...details });
  }
}

/** The error of a call whose argument was detached or resized before the call was done with it. */
export function argumentLost(argument: string): ArgumentError {
  return new ArgumentError(argument, say`${mention.argument(argument)} was detached or resized during the call`, {
    advice: 'transfer or resize its buffer only after the call has settled',
  });
}

/** A backend cannot run here, or a package that a format needs is not installed; the message is the reason. */
export class UnsupportedError extends AllpairsError {
  /** @internal */
  constructor(message: Message, details?: ErrorDetails) {
    super('ERR_ALLPAIRS_UNSUPPORTED', message, details);
  }
}

/** The work needs more memory than is available. */
export class MemoryError extends AllpairsError {
  /** How many bytes the work needs, as far as that is known. */
  readonly bytes: number;

  /** @internal */
  constructor(bytes: number, message: Message, details?: ErrorDetails) {
    super('ERR_ALLPAIRS_MEMORY', message, details);
    this.bytes = bytes;
  }
}

/** The content of a file does not fit its format. */
export class FormatError extends AllpairsError {
  /** The path or name of the file. */
  readonly file: string;
  /** The byte where the error was found; 0 if it concerns the file as a whole. */
  readonly offset: number;

  /** @internal */
  constructor(file: string, offset: number | 'whole', message: Message, details?: ErrorDetails) {
    const where = offset === 'whole' ? file : `${file}: byte ${offset}`;
    super('ERR_ALLPAIRS_FORMAT', say`${where}: ${message}`, details);
    this.file = file;
    this.offset = offset === 'whole' ? 0 : offset;
  }
}

/** A worker thread stopped while it was computing. The next call starts a new one. */
export class ThreadError extends AllpairsError {
  /** @internal */
  constructor(message: Message, details?: ErrorDetails) {
    super('ERR_ALLPAIRS_THREAD', message, details);
  }
}

/** The GPU was lost, or reported an error, while it was computing. The next call requests it again. */
export class DeviceError extends AllpairsError {
  /** @internal */
  constructor(message: Message, details?: ErrorDetails) {
    super('ERR_ALLPAIRS_DEVICE', message, details);
  }
}

/**
 * Extracts what was expected and received from a message, for errors without these fields: such messages read 'expected A, got B', often
 * after a location, as in 'line 3: expected 4 cells, got 5'.
 */
function mismatchIn(message: string): Pick<ErrorDetails, 'expected' | 'received'> {
  const [, expected, received] = /(?:^|: )expected (.+?), got ((?:"(?:\\.|[^"\\])*"|[^;])+)/s.exec(message) ?? [];
  return { expected, received };
}

function definedIn(details: ErrorDetails): ErrorDetails {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
}

/** Appends advice: after a sentence or a colon with a space, otherwise with a semicolon. */
function withAdvice(message: Message, advice: Message | undefined): Message {
  if (advice === undefined) return message;
  const last = typeof message === 'string' ? message : message.at(-1);
  return say`${message}${typeof last === 'string' && /[.:]$/.test(last) ? ' ' : '; '}${advice}`;
}
