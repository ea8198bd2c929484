// The backend that the address names, for the whole life of the page: `#backend=wasm`.

export const givenBackend: string | null = new URLSearchParams(location.hash.slice(1)).get('backend');
