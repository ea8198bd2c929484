#include "cpu.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace allpairs {

#if defined(__x86_64__)
namespace avx512 {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
namespace sse2 {
extern const Kernels kernels;
}

namespace {

bool hasAll(unsigned word, unsigned bits) { return (word & bits) == bits; }

/** Returns the registers that the system saves (XCR0), or 0 if it does not report them. */
unsigned savedRegisters(unsigned features) {
  constexpr unsigned OSXSAVE = 1u << 27;
  if (!hasAll(features, OSXSAVE)) return 0;
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

// Intel's Software Developer's Manual, volume 2, CPUID: leaf 1 ECX, and leaf 7 EBX.
static std::vector<Candidate> ask() {
  unsigned eax, ebx, ecx, edx, features = 0, extended = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) features = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) extended = ebx;
  const unsigned saved = savedRegisters(features);
  constexpr unsigned FMA = 1u << 12, AVX = 1u << 28, AVX2 = 1u << 5;
  constexpr unsigned AVX512F = 1u << 16, AVX512DQ = 1u << 17, AVX512BW = 1u << 30, AVX512VL = 1u << 31;
  constexpr unsigned YMM = 0x6, ZMM = 0xe6;
  const bool avx2 = hasAll(features, FMA | AVX) && hasAll(extended, AVX2) && hasAll(saved, YMM);
  const bool avx512 = avx2 && hasAll(extended, AVX512F | AVX512DQ | AVX512BW | AVX512VL) && hasAll(saved, ZMM);
  return {{&avx512::kernels, avx512}, {&avx2::kernels, avx2}, {&sse2::kernels, true}};
}
#elif defined(__aarch64__)
namespace neon {
extern const Kernels kernels;
}

static std::vector<Candidate> ask() { return {{&neon::kernels, true}}; }
#else
#error "no kernels for this processor"
#endif

// A virtual machine may take a while to answer each query.
const std::vector<Candidate>& candidates() {
  static const std::vector<Candidate> all = ask();
  return all;
}

const Kernels* findKernels(const char* name) {
  for (const Candidate& candidate : candidates()) {
    if (candidate.runs && strcmp(candidate.kernels->name, name) == 0) return candidate.kernels;
  }
  return nullptr;
}

}  // namespace allpairs
