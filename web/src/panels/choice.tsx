import { useId } from 'preact/hooks';

/** Signals also have this form. */
export interface Choosable<T> {
  value: T;
}

/** A choice of one of a few values, with its label. */
export function Choice<T extends string | number>({
  label,
  value,
  options,
}: {
  label: string;
  value: Choosable<T>;
  options: readonly (readonly [T, string])[];
}) {
  const id = useId();
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={String(value.value)}
        onChange={({ currentTarget }) => {
          const [chosen] = options.find(([option]) => String(option) === currentTarget.value) ?? [];
          if (chosen !== undefined) value.value = chosen;
        }}
      >
        {options.map(([option, text]) => (
          <option key={option} value={String(option)}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}
