// Where in a file the record of each row begins, for commands that copy records as they are.

export class RecordPlaces {
  /** Extensions that say what the file holds; none where its format has no records of its own. */
  extensions: readonly string[] = [];
  /** Whether the file is Parquet: its rows are records, which lie column by column. */
  isParquet = false;
  /** Why records cannot be copied one by one. */
  refusal: string | undefined;
  #starts = new Float64Array(1024);
  #count = 0;

  /** The next row's record begins at byte `start`. */
  add(start: number): void {
    if (this.#count === this.#starts.length) {
      const longer = new Float64Array(2 * this.#count);
      longer.set(this.#starts);
      this.#starts = longer;
    }
    if (this.#count > 0 && start === this.#starts[this.#count - 1]) this.refuse('a record holds several rows');
    this.#starts[this.#count++] = start;
  }

  refuse(why: string): void {
    this.refusal ??= why;
  }

  /** The byte where each row's record begins, those of rows without a vector among them. */
  get starts(): Float64Array {
    return this.#starts.subarray(0, this.#count);
  }
}
