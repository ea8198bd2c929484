import { expect } from 'vitest';

/** What stands for any error of the class and with the message of `error`, whatever its other fields are. */
export function saying({ name, message }: Error): Error {
  return expect.objectContaining({ name, message });
}
