// Pictures of rows in a column: data: addresses, or names of picture files that were dropped with the rows.

import { signal } from '@preact/signals';

/** Addresses of the files that were dropped, by name. */
export const pictureFiles = signal<ReadonlyMap<string, string>>(new Map());

const PICTURE = /\.(png|jpe?g|webp|gif|avif)$/i;
const DATA_ADDRESS = /^data:image\/(png|jpeg|webp|gif|avif);base64,/;

export function isPicture({ name }: { readonly name: string }): boolean {
  return PICTURE.test(name);
}

export function keepPictures(files: readonly File[]): void {
  pictureFiles.value = new Map(files.map((file) => [file.name, URL.createObjectURL(file)]));
}

/** An address for each row, '' where there is none; undefined where most values are no pictures. */
export function picturesIn(values: readonly string[], files: ReadonlyMap<string, string>): readonly string[] | undefined {
  const urls = values.map((value) =>
    DATA_ADDRESS.test(value) ? value : (files.get(value.split(/[/\\]/).at(-1) as string) ?? ''),
  );
  const found = urls.filter((url) => url !== '').length;
  return found > 0 && found * 2 >= urls.length ? urls : undefined;
}
