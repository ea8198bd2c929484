// Reads the data in a pickle without running any code: a class or function is only a name, and calling it gives a value that records the
// call. https://docs.python.org/3/library/pickletools.html

/** The values in a pickle. Lists and tuples become arrays, and dictionaries become maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleName
  | PickleCall
  | PickleReference;

/** A class or function of Python, such as 'torch.FloatStorage'. */
export class PickleName {
  constructor(readonly name: string) {}
}

/** The object that calling a class or function creates. */
export class PickleCall {
  constructor(
    readonly name: string,
    readonly args: PickleValue,
  ) {}
}

/** Refers to data that is stored outside the pickle. */
export class PickleReference {
  constructor(readonly id: PickleValue) {}
}

/** An error in a pickle, and its position. */
export class PickleFault extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

const MARK = Symbol('mark');
type Item = PickleValue | typeof MARK;

/** Limit for the memory of all values: one byte of a pickle can stand for a dictionary. */
const MAX_BYTES = 2 ** 26;
/** Approximate memory while values are collected: of a container that holds something, and of anything else with its place in one. */
const CONTAINER_BYTES = 320;
const VALUE_BYTES = 40;

/**
 * Returns the value in a pickle of protocol 2 to 5. Throws PickleFault. Takes a few steps and little memory for each byte, and calls nothing.
 */
export function readPickle(bytes: Uint8Array): PickleValue {
  return new Machine(bytes).run();
}

class Machine {
  #at = 0;
  readonly #view: DataView;
  readonly #stack: Item[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #bytes = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  run(): PickleValue {
    for (;;) {
      const start = this.#at;
      const code = this.#view.getUint8(this.#take(1));
      if (code === 0x2e) return this.#pop();
      const step = STEPS.get(code);
      if (!step)
        throw new PickleFault(start, `a pickle with the operation 0x${code.toString(16)}, which plain tensors do not have`);
      step(this);
    }
  }

  /** Returns the position of the next bytes, after checking that they exist. */
  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.bytes.length) throw new PickleFault(this.bytes.length, 'the pickle ends too soon');
    this.#at += length;
    return at;
  }

  uint8 = (): number => this.#view.getUint8(this.#take(1));
  uint16 = (): number => this.#view.getUint16(this.#take(2), true);
  int32 = (): number => this.#view.getInt32(this.#take(4), true);
  uint32 = (): number => this.#view.getUint32(this.#take(4), true);
  float64 = (): number => this.#view.getFloat64(this.#take(8));

  text(length: number): string {
    const at = this.#take(length);
    return new TextDecoder().decode(this.bytes.subarray(at, at + length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new PickleFault(this.bytes.length, 'the pickle ends too soon');
    const line = this.text(end - this.#at);
    this.#at += 1;
    return line;
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** Reads an integer of any size. Beyond 2^53 it is rounded, which is harmless because no valid size is that large. */
  long(length: number): number {
    const at = this.#take(length);
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.bytes[at + i] as number) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * length, value));
  }

  push(value: Item): void {
    this.#spend(typeof value === 'object' && value !== null ? CONTAINER_BYTES : VALUE_BYTES);
    this.#stack.push(value);
  }

  #spend(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_BYTES) this.fail('the pickle holds more values than plain tensors need');
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw new PickleFault(this.#at, 'the pickle takes a value that is not there');
    return value;
  }

  pop = (): PickleValue => this.#pop();

  popText(): string {
    const value = this.#pop();
    return typeof value === 'string' ? value : this.fail('expected a text');
  }

  /** Removes and returns the values above the last mark. */
  popMarked(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) this.fail('the pickle goes back to a mark that is not there');
    return this.#stack.splice(at).slice(1) as PickleValue[];
  }

  top(): PickleValue {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  put(key: number): void {
    this.#spend(VALUE_BYTES);
    this.#memo.set(key, this.top());
  }

  memoize(): void {
    this.put(this.#memo.size);
  }

  get(key: number): void {
    const value = this.#memo.get(key);
    this.#spend(VALUE_BYTES);
    this.#stack.push(value === undefined ? this.fail('the pickle takes a value that was not kept') : value);
  }

  /** Adds keys and values to the dictionary on top; those of an object are dropped. */
  setItems(items: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Map)) return;
    for (let i = 0; i + 1 < items.length; i += 2) target.set(items[i] as PickleValue, items[i + 1] as PickleValue);
  }

  append(items: readonly PickleValue[]): void {
    const target = this.top();
    if (Array.isArray(target)) for (const item of items) target.push(item);
  }

  fail(what: string): never {
    throw new PickleFault(this.#at, what);
  }
}

function call(machine: Machine): void {
  const args = machine.pop();
  const callee = machine.pop();
  const name = callee instanceof PickleName ? callee.name : 'an object';
  machine.push(
    name === 'collections.OrderedDict' && Array.isArray(args) && args.length === 0 ? new Map() : new PickleCall(name, args),
  );
}

function tuple(count: number): (machine: Machine) => void {
  return (machine) => machine.push(Array.from({ length: count }, () => machine.pop()).reverse());
}

const STEPS = new Map<number, (machine: Machine) => void>([
  [0x80, (machine) => machine.skip(1)], // PROTO
  [0x95, (machine) => machine.skip(8)], // FRAME
  [0x28, (machine) => machine.push(MARK)],
  [0x4e, (machine) => machine.push(null)],
  [0x88, (machine) => machine.push(true)],
  [0x89, (machine) => machine.push(false)],
  [0x4b, (machine) => machine.push(machine.uint8())], // BININT1
  [0x4d, (machine) => machine.push(machine.uint16())], // BININT2
  [0x4a, (machine) => machine.push(machine.int32())], // BININT
  [0x8a, (machine) => machine.push(machine.long(machine.uint8()))], // LONG1
  [0x47, (machine) => machine.push(machine.float64())], // BINFLOAT
  [0x58, (machine) => machine.push(machine.text(machine.uint32()))], // BINUNICODE
  [0x8c, (machine) => machine.push(machine.text(machine.uint8()))], // SHORT_BINUNICODE
  [0x55, (machine) => machine.push(machine.text(machine.uint8()))], // SHORT_BINSTRING
  [0x54, (machine) => machine.push(machine.text(machine.uint32()))], // BINSTRING
  [0x5d, (machine) => machine.push([])],
  [0x7d, (machine) => machine.push(new Map())],
  [0x29, (machine) => machine.push([])], // EMPTY_TUPLE
  [0x74, (machine) => machine.push(machine.popMarked())], // TUPLE
  [0x85, tuple(1)],
  [0x86, tuple(2)],
  [0x87, tuple(3)],
  [0x61, (machine) => appendOne(machine)], // APPEND
  [0x65, (machine) => machine.append(machine.popMarked())], // APPENDS
  [0x73, (machine) => setOne(machine)], // SETITEM
  [0x75, (machine) => machine.setItems(machine.popMarked())], // SETITEMS
  [0x71, (machine) => machine.put(machine.uint8())], // BINPUT
  [0x72, (machine) => machine.put(machine.uint32())], // LONG_BINPUT
  [0x94, (machine) => machine.memoize()],
  [0x68, (machine) => machine.get(machine.uint8())], // BINGET
  [0x6a, (machine) => machine.get(machine.uint32())], // LONG_BINGET
  [0x63, (machine) => machine.push(new PickleName(`${machine.line()}.${machine.line()}`))], // GLOBAL
  [0x93, (machine) => pushStackGlobal(machine)],
  [0x52, call], // REDUCE
  [0x81, call], // NEWOBJ
  [0x62, (machine) => void machine.pop()], // BUILD: the state of an object.
  [0x51, (machine) => machine.push(new PickleReference(machine.pop()))], // BINPERSID
]);

function appendOne(machine: Machine): void {
  const item = machine.pop();
  machine.append([item]);
}

function setOne(machine: Machine): void {
  const value = machine.pop();
  machine.setItems([machine.pop(), value]);
}

function pushStackGlobal(machine: Machine): void {
  const name = machine.popText();
  machine.push(new PickleName(`${machine.popText()}.${name}`));
}
