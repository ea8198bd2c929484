// Describes errors of the operating system in words, with the path that the user typed.

import { resolve, sep } from 'node:path';

/** Errors that this version of Node cannot describe, by number. */
const UNNAMED: Readonly<Record<number, string>> = { [-122]: 'disk quota exceeded (EDQUOT)' };

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** Returns for example 'permission denied (EACCES)'. */
export function describeSystemError({ code = '', errno, message }: NodeJS.ErrnoException): string {
  const [, text] = /^\w+: (.*?)(?:, \w+.*)?$/s.exec(message) ?? [];
  return (errno === undefined ? undefined : UNNAMED[errno]) ?? `${text ?? message} (${code})`;
}

/**
 * Returns a system error about `typed`, its contents or the `hidden` folders that belong to it as an error that names the path as the user
 * typed it. Returns any other error unchanged.
 */
export function namingTyped(error: unknown, typed: string, hidden: readonly string[] = []): unknown {
  if (!isSystemError(error) || error.path === undefined) return error;
  const path = resolve(error.path);
  const root = resolve(typed);
  if (path.startsWith(root + sep)) error.path = `${typed.replace(/[/\\]+$/, '')}${path.slice(root.length)}`;
  else if (path === root || hidden.some((folder) => path === folder || path.startsWith(folder + sep))) error.path = typed;
  return error;
}
