// The peak of the multiply-adds of each instruction set, in registers only, which no kernel can exceed.

#pragma once

#include <chrono>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

namespace bench {

inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

constexpr long STEPS = 2000000;
/** Independent sums: enough to hide the latency of a multiply-add. */
constexpr int CHAINS = 12;
inline thread_local volatile float sink;

// Each function computes CHAINS multiply-adds per step, in registers only, with different numbers so that the compiler cannot
// merge them.
#define PEAK(NAME, TARGET, TYPE, SET, STEP, STORE)                          \
  TARGET inline double NAME() {                                             \
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

inline double peakOf(const char* name) {
  if (strcmp(name, "avx512") == 0) return peakAvx512();
  return strcmp(name, "avx2") == 0 ? peakAvx2() : peakSse2();
}
#else
#define FUSED(c, a, b) vfmaq_f32(b, c, a)
PEAK(peakNeon, , float32x4_t, vdupq_n_f32, FUSED, vst1q_f32)

inline double peakOf(const char*) { return peakNeon(); }
#endif

}  // namespace bench
