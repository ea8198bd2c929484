// Messages as data: text, and references to arguments, options and calls, which the API and the command line write differently.

/** A reference, by the name in the API. */
export type Mention =
  | { readonly argument: string; readonly file: string | undefined }
  | { readonly option: string; readonly value: string | number | boolean | undefined }
  | { readonly call: string };

export type Message = string | readonly (string | Mention)[];

/** How references are written. */
export interface Wording {
  /** Writes an argument; `file` is the name of the file that its rows come from. */
  argument(name: string, file?: string): string;
  /** Writes an option: with `value`, or its name alone. */
  option(name: string, value?: string | number | boolean): string;
  /** Writes a call of the library. */
  call(name: string): string;
}

export const mention = {
  argument: (name: string, file?: string): Mention => ({ argument: name, file }),
  option: (name: string, value?: string | number | boolean): Mention => ({ option: name, value }),
  call: (name: string): Mention => ({ call: name }),
} as const;

export const API_WORDING: Wording = {
  argument: (name) => `\`${name}\``,
  option: (name, value) => (value === undefined ? name : `${name}: ${typeof value === 'string' ? `'${value}'` : value}`),
  call: (name) => name,
};

/** The tag of templates that become messages. */
export function say(texts: readonly string[], ...parts: readonly (Message | Mention | number)[]): Message {
  const pieces = texts.flatMap((text, i) => {
    const part = parts[i] ?? '';
    return [text, typeof part === 'number' ? String(part) : part].flat() as (string | Mention)[];
  });
  return pieces.filter((piece) => piece !== '');
}

/** Joins messages or references, with `separator` between them. */
export function joinMessages(parts: readonly (Message | Mention)[], separator: string): Message {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]).flat() as (string | Mention)[]);
}

export function wordsOf(message: Message, wording: Wording): string {
  if (typeof message === 'string') return message;
  return message.map((part) => (typeof part === 'string' ? part : wordsOfMention(part, wording))).join('');
}

function wordsOfMention(part: Mention, wording: Wording): string {
  if ('argument' in part) return wording.argument(part.argument, part.file);
  return 'option' in part ? wording.option(part.option, part.value) : wording.call(part.call);
}
