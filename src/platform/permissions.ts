// Deno requires permission to read the environment, files or the system's memory, and to load native code. Without it, Deno asks on the
// terminal or throws. What is not allowed is therefore not attempted.

type Permission =
  | { readonly name: 'env'; readonly variable: string }
  | { readonly name: 'read'; readonly path: string | URL }
  | { readonly name: 'ffi' }
  | { readonly name: 'sys'; readonly kind: string };

interface DenoPermissions {
  readonly permissions: { querySync(permission: Permission): { readonly state: string } };
}

/** Always true in Node and Bun, which have no such permissions. */
export function isAllowed(permission: Permission): boolean {
  const { Deno: deno } = globalThis as { Deno?: DenoPermissions };
  try {
    return !deno || deno.permissions.querySync(permission).state === 'granted';
  } catch {
    // A permission that this version of Deno does not know.
    return false;
  }
}
