// Memory of libraries that read files. They keep it until the process ends, so limits of later work count it.

const libraries = new Map<string, () => number>();

/** Counts what `bytes` returns from now on, in place of what it returned for the same library before. */
export function countLibrary(name: string, bytes: () => number): void {
  libraries.set(name, bytes);
}

/** Returns the memory of all libraries that were loaded. */
export function libraryBytes(): number {
  let sum = 0;
  for (const bytes of libraries.values()) sum += bytes();
  return sum;
}
