// What messages call things: a caller of the API knows arguments and options by names that a person at the command line never saw.

/** Names for what a message speaks of. */
export interface Words {
  /** An argument; of rows that lie in a file with its name. */
  argument(name: string, file?: string): string;
  /** An option, as it is written with `value`, or by itself; one that is on or off with `true` or `false`. */
  option(name: string, value?: string | boolean): string;
  /** A call of the library. */
  call(name: string): string;
}

/** A message, or what makes it of words. */
export type Phrase = string | ((words: Words) => string);

export const API_WORDS: Words = {
  argument: (name) => `\`${name}\``,
  option: (name, value) => (value === undefined ? name : `${name}: ${typeof value === 'string' ? `'${value}'` : value}`),
  call: (name) => name,
};

export function inWords(phrase: Phrase, words: Words): string {
  return typeof phrase === 'string' ? phrase : phrase(words);
}
