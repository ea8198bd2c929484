// Deno asks before a program reads the environment, files or the system's memory, or loads native code: a question on the
// terminal, or an error. What has not been allowed is not tried.

type Permission =
  | { readonly name: 'env'; readonly variable: string }
  | { readonly name: 'read'; readonly path: string | URL }
  | { readonly name: 'ffi' }
  | { readonly name: 'sys'; readonly kind: string };

interface DenoPermissions {
  readonly permissions: { querySync(permission: Permission): { readonly state: string } };
}

/** True where nothing asks, as in Node and Bun. */
export function isAllowed(permission: Permission): boolean {
  const { Deno: deno } = globalThis as { Deno?: DenoPermissions };
  try {
    return !deno || deno.permissions.querySync(permission).state === 'granted';
  } catch {
    // A permission that this version of Deno does not know.
    return false;
  }
}
