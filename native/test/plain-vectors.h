// Vectors with the size and shape of AVX-512's on any processor, computed lane by lane, so that code specific to that shape is
// tested on machines without it. Included by kernels/vector.h.

#pragma once

template <class T>
ALLPAIRS_INLINE Vector<T> multiplyAddLanes(Vector<T> a, Vector<T> b, Vector<T> c) {
  for (int i = 0; i < LANES<T>; i++) c[i] = sizeof(T) == 4 ? T(__builtin_fmaf(a[i], b[i], c[i])) : T(__builtin_fma(a[i], b[i], c[i]));
  return c;
}
ALLPAIRS_INLINE Vector<float> multiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) { return multiplyAddLanes<float>(a, b, c); }
ALLPAIRS_INLINE Vector<double> multiplyAdd(Vector<double> a, Vector<double> b, Vector<double> c) {
  return multiplyAddLanes<double>(a, b, c);
}
template <class T>
ALLPAIRS_INLINE uint32_t whichReachLanes(Vector<T> a, Vector<T> b) {
  uint32_t which = 0;
  for (int i = 0; i < LANES<T>; i++) which |= uint32_t(a[i] >= b[i]) << i;
  return which;
}
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<float> a, Vector<float> b) { return whichReachLanes<float>(a, b); }
ALLPAIRS_INLINE uint32_t movemaskGreaterEqual(Vector<double> a, Vector<double> b) { return whichReachLanes<double>(a, b); }
ALLPAIRS_INLINE void storeStreaming(float* to, Vector<float> a) { store<float>(to, a); }
ALLPAIRS_INLINE void storeStreaming(double* to, Vector<double> a) { store<double>(to, a); }
