// What an input shows while the user types: the typed text, even if the page is drawn again meanwhile.

import { useSignal } from '@preact/signals';

interface Typed {
  readonly currentTarget: HTMLInputElement;
}

/** Returns the props of an input that shows `value` and, after Enter or when it loses the focus, passes on what was typed. */
export function useDraft(value: string, commit: (text: string) => void) {
  const draft = useSignal<string | null>(null);
  return {
    value: draft.value ?? value,
    onInput: ({ currentTarget }: Typed) => {
      draft.value = currentTarget.value;
    },
    onChange: ({ currentTarget }: Typed) => {
      commit(currentTarget.value);
      draft.value = null;
    },
    onBlur: () => {
      draft.value = null;
    },
  };
}
