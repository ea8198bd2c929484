// How messages tell a user to choose among parts of a file.

import { joinMessages, type Message, mention, say } from '../../message.js';

/** The option for each selector, with 'or' between two; the option by its name if it has no selector. */
export function columnOptions(selectors: readonly string[]): Message {
  if (selectors.length === 0) return [mention.option('column')];
  const options = selectors.map((selector) => mention.option('column', selector));
  return joinMessages(options, ' or ');
}

/** The advice to choose with one of the selectors. */
export function chooseWith(selectors: readonly string[]): Message {
  return say`choose with ${columnOptions(selectors)}`;
}
