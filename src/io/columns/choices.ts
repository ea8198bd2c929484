// How messages tell a user to choose among the parts of a file.

import { joinMessages, type Message, mention, say } from '../../message.js';

/** Returns the option for each selector, with 'or' between two; just the name of the option without selectors. */
export function columnOptions(selectors: readonly string[]): Message {
  if (selectors.length === 0) return [mention.option('column')];
  const options = selectors.map((selector) => mention.option('column', selector));
  return joinMessages(options, ' or ');
}

/** Returns the advice to choose with one of the selectors. */
export function chooseWith(selectors: readonly string[]): Message {
  return say`choose with ${columnOptions(selectors)}`;
}
