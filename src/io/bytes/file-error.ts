/**
 * A system error that names `path`: the file that the caller asked for, where the error names no file, or a temporary one.
 * Returns any other error unchanged.
 */
export function namingFile(error: unknown, path: string): unknown {
  const { syscall, path: named, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || syscall === undefined || named === path) return error;
  const [reason] = /^.*?(?=, \w+)/s.exec(message) ?? [message];
  error.message = `${reason}, ${syscall} '${path}'`;
  return Object.assign(error, { path });
}
