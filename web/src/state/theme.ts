import { type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');
const current = signal<Theme>(dark.matches ? 'dark' : 'light');
dark.addEventListener('change', () => {
  current.value = dark.matches ? 'dark' : 'light';
});

/** As the system has it. */
export const theme: ReadonlySignal<Theme> = current;

/** A colour of the page's style sheet, as it is now. */
export function styleColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
