import { type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');
const current = signal<Theme>(dark.matches ? 'dark' : 'light');
dark.addEventListener('change', () => {
  current.value = dark.matches ? 'dark' : 'light';
});

/** The theme of the system. */
export const theme: ReadonlySignal<Theme> = current;

/** Returns the current value of a colour in the page's style sheet. */
export function styleColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
