// How near the tile loop comes to the arithmetic peak, on one thread: for each set of instructions that runs here the peak of
// its multiply-adds, the kernel on a tile in cache, on all tiles of a matrix, and packing and writing. bench/native-kernel.ts
// builds and runs it.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../core/cpu.h"
#include "../core/pages.h"

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

namespace {

using allpairs::Block;
using allpairs::Kernels;
using allpairs::KernelsOf;
using allpairs::Sums;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/** Median seconds of a run, after one to warm up. */
template <class F>
double median(F run, int samples) {
  run();
  std::vector<double> seconds;
  for (int i = 0; i < samples; i++) {
    const double start = now();
    run();
    seconds.push_back(now() - start);
  }
  std::nth_element(seconds.begin(), seconds.begin() + samples / 2, seconds.end());
  return seconds[size_t(samples / 2)];
}

constexpr long STEPS = 2000000;
/** Independent sums: enough to hide the latency of a multiply-add. */
constexpr int CHAINS = 12;
volatile float sink;

// Each: CHAINS multiply-adds a step, in registers alone, from different numbers so that none stands for another.
#define PEAK(NAME, TARGET, TYPE, SET, STEP, STORE)                          \
  TARGET double NAME() {                                                    \
    const TYPE a = SET(0.999f), b = SET(0.001f);                            \
    TYPE c0 = SET(.1f), c1 = SET(.2f), c2 = SET(.3f), c3 = SET(.4f);        \
    TYPE c4 = SET(.5f), c5 = SET(.6f), c6 = SET(.7f), c7 = SET(.8f);        \
    TYPE c8 = SET(.9f), c9 = SET(1.f), c10 = SET(2.f), c11 = SET(3.f);      \
    const double start = now();                                             \
    for (long i = 0; i < STEPS; i++) {                                      \
      c0 = STEP(c0, a, b), c1 = STEP(c1, a, b), c2 = STEP(c2, a, b);        \
      c3 = STEP(c3, a, b), c4 = STEP(c4, a, b), c5 = STEP(c5, a, b);        \
      c6 = STEP(c6, a, b), c7 = STEP(c7, a, b), c8 = STEP(c8, a, b);        \
      c9 = STEP(c9, a, b), c10 = STEP(c10, a, b), c11 = STEP(c11, a, b);    \
    }                                                                       \
    const double seconds = now() - start;                                   \
    float lanes[sizeof(TYPE) / 4];                                          \
    for (TYPE c : {c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11}) {     \
      STORE(lanes, c);                                                      \
      sink = sink + lanes[0];                                               \
    }                                                                       \
    return 2.0 * CHAINS * STEPS * (sizeof(TYPE) / 4) / seconds / 1e9;       \
  }

#if defined(__x86_64__)
#define MULTIPLY_THEN_ADD(c, a, b) _mm_add_ps(_mm_mul_ps(c, a), b)
PEAK(peakSse2, , __m128, _mm_set1_ps, MULTIPLY_THEN_ADD, _mm_storeu_ps)
PEAK(peakAvx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_storeu_ps)
PEAK(peakAvx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_storeu_ps)

double peakOf(const char* name) {
  if (strcmp(name, "avx512") == 0) return peakAvx512();
  return strcmp(name, "avx2") == 0 ? peakAvx2() : peakSse2();
}
#else
#define FUSED(c, a, b) vfmaq_f32(b, c, a)
PEAK(peakNeon, , float32x4_t, vdupq_n_f32, FUSED, vst1q_f32)

double peakOf(const char*) { return peakNeon(); }
#endif

template <class T>
T* take(Block& block, size_t count) {
  if (!block.reserve(count * sizeof(T))) std::abort();
  memset(block.at(), 0, block.bytes());
  return reinterpret_cast<T*>(block.at());
}

constexpr size_t ROWS = 4000, DEPTH = 768, TILE = 192;

void measure(const Kernels& set) {
  const KernelsOf<float>& kernels = set.floats;
  const size_t panelRows = size_t(kernels.panelRows), padded = (ROWS + panelRows - 1) / panelRows * panelRows;
  Block blocks[7];
  float* rows = take<float>(blocks[0], ROWS * DEPTH);
  float *panels = take<float>(blocks[1], padded * DEPTH), *inverses = take<float>(blocks[2], padded), *guards = take<float>(blocks[3], padded);
  float *sums = take<float>(blocks[4], (TILE + panelRows) * (TILE + panelRows)), *result = take<float>(blocks[5], ROWS * ROWS);
  float* spare = take<float>(blocks[6], panelRows * std::max(DEPTH, TILE + panelRows));
  uint32_t state = 1;
  for (size_t i = 0; i < ROWS * DEPTH; i++) rows[i] = float(int32_t(state = state * 1664525u + 1013904223u)) / 2147483648.0f;

  std::vector<double> peaks;
  for (int i = 0; i < 9; i++) peaks.push_back(peakOf(set.name));
  const double peak = *std::max_element(peaks.begin(), peaks.end());
  std::printf("%s\n  peak of multiply-adds in registers             %6.1f GF/s\n", set.description, peak);
  const auto print = [&](const char* what, double flops, double seconds) {
    std::printf("  %-46s %6.1f GF/s  %3.0f %% of the peak\n", what, flops / seconds / 1e9, 100 * flops / seconds / 1e9 / peak);
  };

  const auto pack = [&] {
    for (size_t r = 0; r < ROWS; r += panelRows) {
      kernels.packFloats(rows + r * DEPTH, int(std::min(panelRows, ROWS - r)), DEPTH, panels + r * DEPTH, inverses + r, guards + r, spare,
                         false);
    }
  };
  const double packing = median(pack, 15);
  const auto tile = [&] { kernels.gramTile(panels, panels, sums, TILE, TILE, TILE, DEPTH, false); };
  print("tile of 192 x 192 x 768, in cache", 2.0 * TILE * TILE * DEPTH, median(tile, 99));

  /** Bit 0: compute the sums; bit 1: write the scores. */
  const auto matrix = [&](int what) {
    for (size_t i = 0; i < ROWS; i += TILE) {
      for (size_t j = i; j < ROWS; j += TILE) {
        const int height = int(std::min(TILE, ROWS - i)), width = int(std::min(TILE, ROWS - j));
        const size_t stride = (size_t(width) + panelRows - 1) / panelRows * panelRows;
        if (what & 1) kernels.gramTile(panels + i * DEPTH, panels + j * DEPTH, sums, stride, height, width, int(DEPTH), i == j);
        if (!(what & 2)) continue;
        float* out = result + i * ROWS + j;
        const Sums<float> of = {sums, stride, inverses + i, inverses + j, guards + i, guards + j, height, width, i == j};
        kernels.writeScores(of, out, i == j ? out : result + j * ROWS + i, ROWS, spare, true);
      }
    }
  };
  const double flops = double(ROWS) * (ROWS + 1) * DEPTH;
  print("tiles of the upper half of 4000 x 4000 x 768", flops, median([&] { matrix(1); }, 9));
  const double all = median([&] { pack(), matrix(3); }, 9);
  print("packing, tiles and scores", flops, all);
  std::printf("  packing %.2f ms, writing %.2f ms, all %.1f ms\n\n", 1e3 * packing, 1e3 * median([&] { matrix(2); }, 9), 1e3 * all);
}

}  // namespace

int main() {
  for (const allpairs::Candidate& candidate : allpairs::candidates()) {
    if (candidate.runs) measure(*candidate.kernels);
  }
}
