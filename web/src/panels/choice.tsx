/** What a signal is, too. */
export interface Choosable<T> {
  value: T;
}

/** One of a few values, with its label. */
export function Choice<T extends string | number>({
  label,
  value,
  options,
}: {
  label: string;
  value: Choosable<T>;
  options: readonly (readonly [T, string])[];
}) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select
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
    </label>
  );
}
