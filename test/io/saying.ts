import { expect } from 'vitest';

/** Returns a matcher for any error with the class and message of `error`, whatever its other fields are. */
export function saying({ name, message }: Error): Error {
  return expect.objectContaining({ name, message });
}
