/** Turns that the event loop takes while a call is under way. */
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
