// Pictures of rows from a column: data: addresses, or names of picture files that were dropped with the rows.

import { signal } from '@preact/signals';

/** Addresses of the dropped files, by name. */
export const pictureAddresses = signal<ReadonlyMap<string, string>>(new Map());
/** The files, by these addresses. */
const files = new Map<string, File>();

/** Returns the dropped file, if it is one. */
export function pictureAt(address: string): File | undefined {
  return files.get(address);
}

const PICTURE = /\.(png|jpe?g|webp|gif|avif)$/i;
const DATA_ADDRESS = /^data:image\/(png|jpeg|webp|gif|avif);base64,/;

export function isPicture({ name }: { readonly name: string }): boolean {
  return PICTURE.test(name);
}

export function keepPictures(dropped: readonly File[]): void {
  const addresses = dropped.map((file) => [file.name, URL.createObjectURL(file)] as const);
  for (const [at, [, address]] of addresses.entries()) files.set(address, dropped[at] as File);
  pictureAddresses.value = new Map(addresses);
}

/** Returns an address for each row, '' if it has none; undefined if most values are not pictures. */
export function picturesIn(values: readonly string[], addresses: ReadonlyMap<string, string>): readonly string[] | undefined {
  const urls = values.map((value) =>
    DATA_ADDRESS.test(value) ? value : (addresses.get(value.split(/[/\\]/).at(-1) as string) ?? ''),
  );
  const found = urls.filter((url) => url !== '').length;
  return found > 0 && found * 2 >= urls.length ? urls : undefined;
}
