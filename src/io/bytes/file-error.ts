/**
 * Returns a system error that names `path`, the file the caller asked for, if the error names no file or a temporary one. Returns other
 * errors unchanged.
 */
export function namingFile(error: unknown, path: string): unknown {
  const { syscall, path: named, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || syscall === undefined || named === path) return error;
  const [reason] = /^.*?(?=, \w+)/s.exec(message) ?? [message];
  error.message = `${reason}, ${syscall} '${path}'`;
  return Object.assign(error, { path });
}
