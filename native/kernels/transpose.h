// Transposes square blocks with as many rows as a vector has lanes, in registers: pairs of rows are interleaved within each 16
// bytes, then the 16-byte pieces are exchanged.

#pragma once

#include <utility>

#include "vector.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Number of elements in 16 bytes. */
template <class T>
constexpr int PIECE = 16 / int(sizeof(T));

/** Lane i of the result is lane At::of(i) of a and b side by side. */
template <class T, class At, size_t... I>
ALLPAIRS_INLINE Vector<T> shuffle(Vector<T> a, Vector<T> b, std::index_sequence<I...>) {
  return __builtin_shufflevector(a, b, At::of(int(I))...);
}
template <class T, class At>
ALLPAIRS_INLINE Vector<T> shuffle(Vector<T> a, Vector<T> b) {
  return shuffle<T, At>(a, b, std::make_index_sequence<LANES<T>>());
}

/** Takes runs of RUN elements alternately from a and b, from the lower or the upper half of each piece. */
template <class T, int RUN, bool UPPER>
struct Interleave {
  static constexpr int of(int i) {
    const int start = i - i % PIECE<T>, within = i % PIECE<T>;
    const int fromB = within / RUN % 2, run = within / RUN / 2;
    return start + (UPPER ? PIECE<T> / 2 : 0) + run * RUN + within % RUN + (fromB ? LANES<T> : 0);
  }
};

/** Takes the even (or odd) runs of WIDTH elements of a, each followed by its neighbour in b. */
template <class T, int WIDTH, bool ODD>
struct Exchange {
  static constexpr int of(int i) {
    const bool second = i / WIDTH % 2;
    const int at = i - (second ? WIDTH : 0) + (ODD ? WIDTH : 0);
    return second ? at + LANES<T> : at;
  }
};

template <class T, int WIDTH>
ALLPAIRS_INLINE void exchangePieces(Vector<T>* rows) {
  if constexpr (WIDTH < LANES<T>) {
    ALLPAIRS_UNROLL
    for (int i = 0; i < LANES<T>; i++) {
      if (i & WIDTH) continue;
      const Vector<T> a = rows[i], b = rows[i + WIDTH];
      rows[i] = shuffle<T, Exchange<T, WIDTH, false>>(a, b);
      rows[i + WIDTH] = shuffle<T, Exchange<T, WIDTH, true>>(a, b);
    }
    exchangePieces<T, 2 * WIDTH>(rows);
  }
}

/** Transposes LANES x LANES elements in place. */
template <class T>
ALLPAIRS_INLINE void transpose(Vector<T>* rows) {
  ALLPAIRS_UNROLL
  for (int i = 0; i < LANES<T>; i += PIECE<T>) {
    Vector<T>* r = rows + i;
    if constexpr (PIECE<T> == 4) {
      const Vector<T> ab = shuffle<T, Interleave<T, 1, false>>(r[0], r[1]), abUpper = shuffle<T, Interleave<T, 1, true>>(r[0], r[1]);
      const Vector<T> cd = shuffle<T, Interleave<T, 1, false>>(r[2], r[3]), cdUpper = shuffle<T, Interleave<T, 1, true>>(r[2], r[3]);
      r[0] = shuffle<T, Interleave<T, 2, false>>(ab, cd);
      r[1] = shuffle<T, Interleave<T, 2, true>>(ab, cd);
      r[2] = shuffle<T, Interleave<T, 2, false>>(abUpper, cdUpper);
      r[3] = shuffle<T, Interleave<T, 2, true>>(abUpper, cdUpper);
    } else {
      const Vector<T> a = r[0], b = r[1];
      r[0] = shuffle<T, Interleave<T, 1, false>>(a, b);
      r[1] = shuffle<T, Interleave<T, 1, true>>(a, b);
    }
  }
  exchangePieces<T, PIECE<T>>(rows);
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
