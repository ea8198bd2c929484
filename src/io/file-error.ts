/** An error of the system, which of an open file does not say which. */
export function namingFile(error: unknown, path: string): unknown {
  const { syscall, path: named } = error as NodeJS.ErrnoException;
  if (error instanceof Error && syscall !== undefined && named === undefined) {
    error.message += ` '${path}'`;
    Object.assign(error, { path });
  }
  return error;
}
