// Records where in a file each row's record begins, for commands that copy records unchanged.

export class RecordPlaces {
  /** Extensions of the file's format; none if the format has no records of its own. */
  extensions: readonly string[] = [];
  /** True for Parquet: its rows are records, which are stored column by column. */
  isParquet = false;
  /** Why records cannot be copied one by one. */
  refusal: string | undefined;
  #starts = new Float64Array(1024);
  #count = 0;

  /** Adds the position of the next row's record. */
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

  /** Position of each row's record, including rows without a vector. */
  get starts(): Float64Array {
    return this.#starts.subarray(0, this.#count);
  }
}
