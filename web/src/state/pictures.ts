// Pictures of rows in a column: data: addresses, or names of picture files that were dropped with the rows.

import { signal } from '@preact/signals';

/** Addresses of the files that were dropped, by name. */
export const pictureAddresses = signal<ReadonlyMap<string, string>>(new Map());
/** The files, by these addresses. */
const files = new Map<string, File>();

/** The file that was dropped, where it is one. */
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

/** An address for each row, '' where there is none; undefined where most values are no pictures. */
export function picturesIn(values: readonly string[], addresses: ReadonlyMap<string, string>): readonly string[] | undefined {
  const urls = values.map((value) =>
    DATA_ADDRESS.test(value) ? value : (addresses.get(value.split(/[/\\]/).at(-1) as string) ?? ''),
  );
  const found = urls.filter((url) => url !== '').length;
  return found > 0 && found * 2 >= urls.length ? urls : undefined;
}
