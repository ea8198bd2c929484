// Finds words that distinguish groups of texts from all texts, for the names of groups. Pure functions.

/** Maximum number of words in a name. */
const WORDS = 3;
/** Minimum fraction of a group's texts that contain such a word. */
const LEAST = 0.15;

function wordsOf(text: string): Set<string> {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu));
  // A single letter is meaningless, unless the text is nothing else: a class.
  for (const word of words) if (words.size > 1 && /^\p{L}$/u.test(word)) words.delete(word);
  return words;
}

/**
 * Returns a name for each group: up to three words that many of its texts contain and few others, the most distinctive first; or '' if
 * there are none.
 *
 * @param texts one for each row
 */
export function distinctiveWords(groups: readonly (readonly number[])[], texts: readonly string[]): string[] {
  const words = texts.map(wordsOf);
  const everywhere = counted(words);
  return groups.map((rows) => {
    const inside = counted(rows.map((row) => words[row] as Set<string>));
    const ranked: [word: string, weight: number][] = [];
    for (const [word, count] of inside) {
      const fraction = count / rows.length;
      const lift = (fraction * texts.length) / (everywhere.get(word) ?? 1);
      if (count > 1 && fraction >= LEAST && lift > 1) ranked.push([word, fraction * Math.log(lift)]);
    }
    ranked.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    // Omits words that are far less distinctive than the first.
    const enough = (ranked[0]?.[1] ?? 0) / 3;
    return ranked
      .slice(0, WORDS)
      .filter(([, weight]) => weight >= enough)
      .map(([word]) => word)
      .join(' ');
  });
}

function counted(sets: readonly ReadonlySet<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const set of sets) for (const word of set) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
