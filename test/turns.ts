/** Counts the turns of the event loop while a call is in progress. */
export async function turnsDuring(call: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  try {
    await call();
  } finally {
    clearImmediate(next);
  }
  return turns;
}
