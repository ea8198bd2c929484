// The n-grams of a text, as defined by scikit-learn's CountVectorizer (_char_ngrams, _char_wb_ngrams, _word_ngrams).

import { grown } from '../growing.js';
import type { TextAnalyzer } from './text-types.js';

/** Receives the n-gram in units[start, end). */
export type TakeTerm = (units: Uint16Array, start: number, end: number) => void;

/** Passes every n-gram of a text to `take`, including repetitions. */
export type Analyze = (text: string, take: TakeTerm) => void;

/** Returns the analyzer for n-grams of `shortest` to `longest` code points or words. */
export function createAnalyzer(analyzer: TextAnalyzer, shortest: number, longest: number): Analyze {
  if (analyzer === 'word') return wordAnalyzer(shortest, longest);
  return analyzer === 'char' ? charAnalyzer(shortest, longest) : charWbAnalyzer(shortest, longest);
}

/** UTF-16 units, with the start and end of each code point or word among them. */
class Spans {
  units = new Uint16Array(2 ** 10);
  starts = new Uint32Array(2 ** 10);
  ends = new Uint32Array(2 ** 10);
  length = 0;
  count = 0;

  clear(): void {
    this.length = 0;
    this.count = 0;
  }

  /** Adds a unit as a code point, or as the second half of the previous one. */
  addPoint(unit: number): void {
    const at = this.length;
    this.addUnit(unit);
    if (isLow(unit) && at > 0 && isHigh(this.units[at - 1] as number) && this.starts[this.count - 1] === at - 1) {
      this.ends[this.count - 1] = at + 1;
    } else this.addSpan(at, at + 1);
  }

  addUnit(unit: number): void {
    if (this.length === this.units.length) this.units = grown(this.units, this.length + 1);
    this.units[this.length++] = unit;
  }

  addSpan(start: number, end: number): void {
    if (this.count === this.starts.length) {
      this.starts = grown(this.starts, this.count + 1);
      this.ends = grown(this.ends, this.count + 1);
    }
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
  }

  /** Takes all runs of `n` spans. */
  takeRuns(n: number, take: TakeTerm): void {
    for (let first = 0; first + n <= this.count; first++) {
      take(this.units, this.starts[first] as number, this.ends[first + n - 1] as number);
    }
  }
}

function charAnalyzer(shortest: number, longest: number): Analyze {
  const spans = new Spans();
  return (text, take) => {
    spans.clear();
    for (let at = 0; at < text.length; ) {
      const unit = text.charCodeAt(at++);
      if (!isSpace(unit)) {
        spans.addPoint(unit);
        continue;
      }
      // Several become one blank; a single one stays unchanged.
      const first = at;
      while (at < text.length && isSpace(text.charCodeAt(at))) at++;
      spans.addPoint(at === first ? unit : BLANK);
    }
    for (let n = shortest; n <= longest && n <= spans.count; n++) spans.takeRuns(n, take);
  };
}

function charWbAnalyzer(shortest: number, longest: number): Analyze {
  const spans = new Spans();
  return (text, take) => {
    for (let at = 0; at < text.length; ) {
      if (isSpace(text.charCodeAt(at))) {
        at++;
        continue;
      }
      spans.clear();
      spans.addPoint(BLANK);
      for (; at < text.length && !isSpace(text.charCodeAt(at)); at++) spans.addPoint(text.charCodeAt(at));
      spans.addPoint(BLANK);
      for (let n = shortest; n <= longest; n++) {
        spans.takeRuns(n, take);
        if (n < spans.count) continue;
        // A word that is not longer than the n-gram counts once, as a whole.
        if (n > spans.count) take(spans.units, 0, spans.length);
        break;
      }
    }
  };
}

function wordAnalyzer(shortest: number, longest: number): Analyze {
  const spans = new Spans();
  // Python's \b\w\w+\b; its \w does not match combining marks.
  const words = /[\p{L}\p{N}_]{2,}/gu;
  return (text, take) => {
    spans.clear();
    words.lastIndex = 0;
    for (let found = words.exec(text); found; found = words.exec(text)) {
      const [word] = found;
      if (spans.count > 0) spans.addUnit(BLANK);
      const start = spans.length;
      for (let i = 0; i < word.length; i++) spans.addUnit(word.charCodeAt(i));
      spans.addSpan(start, spans.length);
    }
    for (let n = shortest; n <= longest && n <= spans.count; n++) spans.takeRuns(n, take);
  };
}

const BLANK = 0x20;

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

/** Python's white space, which differs from that of JavaScript: without U+FEFF, with U+0085 and U+001C to U+001F. */
function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 9 && unit <= 13) || unit >= 0x1c;
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  if (unit < 0x2028) return unit === 0x1680 || (unit >= 0x2000 && unit <= 0x200a);
  return unit <= 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000;
}
