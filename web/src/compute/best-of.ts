// Finds the highest of many scores without sorting all of them.

/** Returns the positions of the k highest scores, best first; equal scores are ordered by position. Considers only positions that count. */
export function bestOf(scores: ArrayLike<number>, k: number, counts: (place: number) => boolean): Uint32Array<ArrayBuffer> {
  const places: number[] = [];
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place] as number;
    if (places.length === k && !(score > (scores[places[k - 1] as number] as number))) continue;
    if (!counts(place)) continue;
    let at = places.length;
    while (at > 0 && (scores[places[at - 1] as number] as number) < score) at--;
    places.splice(at, 0, place);
    places.length = Math.min(places.length, k);
  }
  return Uint32Array.from(places);
}
