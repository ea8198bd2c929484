// The differences between the instruction sets and the two element types, in one place. Every kernel is written with these
// definitions and compiled once for each set (table.cc), in a namespace of its own, so that no symbol of one build replaces
// another.
//
// Vectors are the compiler's own (GCC and Clang); intrinsics are used only where the compiler has no equivalent. Neither this
// file nor the kernels use functions of the standard library, because an inline function compiled for AVX-512 could be linked
// in everywhere.

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(ALLPAIRS_PLAIN_VECTORS)
#include <emmintrin.h>
#define ALLPAIRS_ISA plain
#elif defined(__AVX512F__)
#include <immintrin.h>
#define ALLPAIRS_ISA avx512
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define ALLPAIRS_ISA avx2
#elif defined(__aarch64__)
#include <arm_neon.h>
#define ALLPAIRS_ISA neon
#elif defined(__SSE2__)
#include <emmintrin.h>
#define ALLPAIRS_ISA sse2
#else
#error "no kernels for this processor"
#endif

#define ALLPAIRS_INLINE inline __attribute__((always_inline))
#define ALLPAIRS_UNROLL _Pragma("GCC unroll 16")

namespace allpairs {
namespace ALLPAIRS_ISA {

// Bytes of a vector; vectors per panel width; rows of A in the micro-kernel. MR x V sums, V vectors of B and one of A fill the
// registers (16; 32 for AVX-512 and NEON). MR divides the panel width, so one packed copy of the rows serves as both A and B.
// Measured by bench/native-kernel.ts.
#if defined(__AVX512F__) || defined(ALLPAIRS_PLAIN_VECTORS)
constexpr int VECTOR_BYTES = 64, V = 2, MR = 8;
#elif defined(__AVX2__)
constexpr int VECTOR_BYTES = 32, V = 3, MR = 4;
#elif defined(__aarch64__)
constexpr int VECTOR_BYTES = 16, V = 6, MR = 4;
#else
constexpr int VECTOR_BYTES = 16, V = 2, MR = 4;
#endif

/**
 * Depth of one block: sums restart, which limits the rounding error of float32, and two panels stay in the first-level cache.
 */
constexpr int DEPTH_BLOCK = 128;

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(VECTOR_BYTES)));
  /** The same at any address. */
  typedef T unaligned __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(T)), may_alias));
};
template <class T>
using Vector = typename VectorOf<T>::type;

template <class T>
constexpr int LANES = VECTOR_BYTES / int(sizeof(T));

/** Number of rows in one panel. */
template <class T>
constexpr int PANEL_ROWS = V * LANES<T>;

template <class T>
ALLPAIRS_INLINE Vector<T> load(const T* from) {
  return *reinterpret_cast<const Vector<T>*>(from);
}

template <class T>
ALLPAIRS_INLINE Vector<T> loadUnaligned(const T* from) {
  return *reinterpret_cast<const typename VectorOf<T>::unaligned*>(from);
}

template <class T>
ALLPAIRS_INLINE void store(T* to, Vector<T> vector) {
  *reinterpret_cast<Vector<T>*>(to) = vector;
}

template <class T>
ALLPAIRS_INLINE void storeUnaligned(T* to, Vector<T> vector) {
  *reinterpret_cast<typename VectorOf<T>::unaligned*>(to) = vector;
}

/** As many elements of S as a vector of doubles has lanes. */
template <class S>
ALLPAIRS_INLINE Vector<double> loadDoubles(const S* from) {
  typedef S narrow __attribute__((vector_size(LANES<double> * sizeof(S)), aligned(sizeof(S)), may_alias));
  return __builtin_convertvector(*reinterpret_cast<const narrow*>(from), Vector<double>);
}

template <class T>
ALLPAIRS_INLINE Vector<T> splat(T value) {
  return value - Vector<T>{};
}

// `multiplyAdd` computes a * b + c, rounded once if the set has fused multiply-add. `movemaskGreaterEqual` returns one bit for
// each lane: whether a >= b. `storeStreaming` bypasses the caches.

#if defined(ALLPAIRS_PLAIN_VECTORS)
#include "../test/plain-vectors.h"
#elif defined(__AVX512F__)
ALLPAIRS_INLINE Vector<float> multiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) {
  return (Vector<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
ALLPAIRS_INLINE Vector<double> multiplyAdd(Vector<double> a, Vector<double> b, Vector<double> c) {
  return (Vector<double>)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<float> a, Vector<float> b) {
  return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GE_OQ);
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<double> a, Vector<double> b) {
  return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GE_OQ);
}
ALLPAIRS_INLINE void storeStreaming(float* to, Vector<float> a) { _mm512_stream_ps(to, (__m512)a); }
ALLPAIRS_INLINE void storeStreaming(double* to, Vector<double> a) { _mm512_stream_pd(to, (__m512d)a); }
#elif defined(__AVX2__)
ALLPAIRS_INLINE Vector<float> multiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) {
  return (Vector<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
ALLPAIRS_INLINE Vector<double> multiplyAdd(Vector<double> a, Vector<double> b, Vector<double> c) {
  return (Vector<double>)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<float> a, Vector<float> b) {
  return uint32_t(_mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_GE_OQ)));
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<double> a, Vector<double> b) {
  return uint32_t(_mm256_movemask_pd(_mm256_cmp_pd((__m256d)a, (__m256d)b, _CMP_GE_OQ)));
}
ALLPAIRS_INLINE void storeStreaming(float* to, Vector<float> a) { _mm256_stream_ps(to, (__m256)a); }
ALLPAIRS_INLINE void storeStreaming(double* to, Vector<double> a) { _mm256_stream_pd(to, (__m256d)a); }
#elif defined(__aarch64__)
ALLPAIRS_INLINE Vector<float> multiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) {
  return (Vector<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
ALLPAIRS_INLINE Vector<double> multiplyAdd(Vector<double> a, Vector<double> b, Vector<double> c) {
  return (Vector<double>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<float> a, Vector<float> b) {
  const uint32x4_t bit = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(vcgeq_f32((float32x4_t)a, (float32x4_t)b), bit));
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<double> a, Vector<double> b) {
  const uint64x2_t bit = {1, 2};
  return uint32_t(vaddvq_u64(vandq_u64(vcgeq_f64((float64x2_t)a, (float64x2_t)b), bit)));
}
ALLPAIRS_INLINE void storeStreaming(float* to, Vector<float> a) { store<float>(to, a); }
ALLPAIRS_INLINE void storeStreaming(double* to, Vector<double> a) { store<double>(to, a); }
#else
ALLPAIRS_INLINE Vector<float> multiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) { return a * b + c; }
ALLPAIRS_INLINE Vector<double> multiplyAdd(Vector<double> a, Vector<double> b, Vector<double> c) { return a * b + c; }
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<float> a, Vector<float> b) {
  return uint32_t(_mm_movemask_ps(_mm_cmpge_ps((__m128)a, (__m128)b)));
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<double> a, Vector<double> b) {
  return uint32_t(_mm_movemask_pd(_mm_cmpge_pd((__m128d)a, (__m128d)b)));
}
ALLPAIRS_INLINE void storeStreaming(float* to, Vector<float> a) { _mm_stream_ps(to, (__m128)a); }
ALLPAIRS_INLINE void storeStreaming(double* to, Vector<double> a) { _mm_stream_pd(to, (__m128d)a); }
#endif

/** Orders `storeStreaming` before everything that other threads see next. */
ALLPAIRS_INLINE void fenceStores() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

template <class T>
struct BitsOf;
template <>
struct BitsOf<float> {
  typedef uint32_t word;
};
template <>
struct BitsOf<double> {
  typedef uint64_t word;
};

template <class T>
ALLPAIRS_INLINE Vector<T> absolute(Vector<T> vector) {
  typedef typename BitsOf<T>::word word;
  typedef word words __attribute__((vector_size(VECTOR_BYTES)));
  return (Vector<T>)((words)vector & (~word(0) >> 1));
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
