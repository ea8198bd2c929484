// One build of the kernels. The compiler's flags choose the instruction set (native/binding.gyp).

#include "table.h"

#include "best.h"
#include "dense.h"
#include "filter.h"
#include "gram.h"
#include "histogram.h"
#include "pack.h"
#include "narrow.h"
#include "pairs.h"
#include "row-filter.h"
#include "rows.h"
#include "settle.h"
#include "sketch.h"
#include "sparse.h"
#include "verify.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

template <class T>
constexpr KernelsOf<T> kernelsOf() {
  return {PANEL_ROWS<T>,       packPanel<float, T>, packPanel<double, T>, gramTile<T>,   writeScores<T>,    copyBlock<T>,
          findPairs<T>,        scoreError<T>,       settlePairs<T>,       unpackPanel<T>, layPanels<T>,     sketchPanel<T>,
          filterPairs<T>,      filterCandidates<T>, narrowPairs<T>,       narrowCandidates<T>, verifyPairs<T>, scorePairs<T>,
          offerPairs<T>,       settleVerified<T>,   findBest<T>,          countScores<T>,
          indexRows<T>,        sumSparse<T>,        indexHeads,           filterHeads,      scoreSurvivors<T>};
}

extern const Kernels kernels;
constexpr Kernels kernels = {
#if defined(ALLPAIRS_PLAIN_VECTORS)
    "plain", "512-bit vectors lane by lane, for tests",
#elif defined(__AVX512F__)
    "avx512", "512-bit AVX-512",
#elif defined(__AVX2__)
    "avx2", "256-bit AVX2 with fused multiply-add",
#elif defined(__aarch64__)
    "neon", "128-bit NEON with fused multiply-add",
#else
    "sse2", "128-bit SSE2",
#endif
    DEPTH_BLOCK, kernelsOf<float>(), kernelsOf<double>()};

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
