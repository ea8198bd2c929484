// Sets of rows that are joined pair by pair, with path halving (Tarjan: Efficiency of a Good But Not Linear Set Union Algorithm, JACM
// 1975). The lower row becomes the root, so roots do not depend on the order.

export class UnionFind {
  /** Another row of the same set for each row; in the end the lowest. */
  readonly parents: Uint32Array;

  constructor(rows: number) {
    this.parents = Uint32Array.from({ length: rows }, (_, row) => row);
  }

  /** Returns the lowest row of the set that contains `row`. */
  find(row: number): number {
    const { parents } = this;
    let at = row;
    for (;;) {
      const parent = parents[at] as number;
      const grandparent = parents[parent] as number;
      if (parent === grandparent) return parent;
      parents[at] = grandparent;
      at = grandparent;
    }
  }

  join(a: number, b: number): void {
    const rootOfA = this.find(a);
    const rootOfB = this.find(b);
    if (rootOfA < rootOfB) this.parents[rootOfB] = rootOfA;
    else this.parents[rootOfA] = rootOfB;
  }

  /** Returns the sets of at least `minimumSize` rows by their lowest row, with members ascending. */
  sets(minimumSize: number): Uint32Array[] {
    const rows = this.parents.length;
    const sizes = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) sizes[this.find(row)] = (sizes[this.find(row)] as number) + 1;
    const members = new Map<number, { rows: Uint32Array; filled: number }>();
    for (let row = 0; row < rows; row++) {
      const root = this.find(row);
      const size = sizes[root] as number;
      if (size < minimumSize) continue;
      let set = members.get(root);
      if (!set) {
        set = { rows: new Uint32Array(size), filled: 0 };
        members.set(root, set);
      }
      set.rows[set.filled++] = row;
    }
    return Array.from(members.values(), ({ rows }) => rows);
  }
}
