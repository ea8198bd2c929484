// Measures the limits of the machine: multiply-adds in registers on one core and on all cores, and memory that is read, copied,
// and touched for the first time. Built and run by bench/limits.ts; prints one line for each limit: number, unit, description.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <thread>
#include <vector>

#include <sys/mman.h>

#include "../core/cpu.h"
#include "peak.h"

namespace {

constexpr int RUNS = 7;
/** Much larger than any cache. */
constexpr size_t BYTES = size_t(256) << 20;

/** Returns the best of several runs, because a limit is what an undisturbed machine can do. */
template <class F>
double fastest(F run) {
  double best = 1e9;
  for (int i = 0; i < RUNS; i++) best = std::min(best, run());
  return best;
}

/** Returns the seconds until all threads have finished; each receives its number. */
template <class F>
double together(int threads, F part) {
  std::vector<std::thread> crew;
  const double start = bench::now();
  for (int t = 0; t < threads; t++) crew.emplace_back([=] { part(t); });
  for (std::thread& thread : crew) thread.join();
  return bench::now() - start;
}

char* map(size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) std::abort();
  return static_cast<char*>(at);
}

void print(double value, const char* unit, const char* what) { std::printf("%.4g %s %s\n", value, unit, what); }

}  // namespace

int main(int, char** argv) {
  const int threads = std::max(1, std::atoi(argv[1]));
  const std::vector<allpairs::Candidate> all = allpairs::candidates();
  const char* set = std::find_if(all.begin(), all.end(), [](const allpairs::Candidate& candidate) { return candidate.runs; })->kernels->name;
  double one = 0, sum = 0;
  for (int i = 0; i < RUNS; i++) one = std::max(one, bench::peakOf(set));
  print(one, "GF/s", "multiply-adds in registers, one core");
  for (int i = 0; i < RUNS; i++) {
    std::vector<double> rates(static_cast<size_t>(threads));
    together(threads, [&](int t) { rates[size_t(t)] = bench::peakOf(set); });
    sum = std::max(sum, std::accumulate(rates.begin(), rates.end(), 0.0));
  }
  print(sum, "GF/s", "multiply-adds in registers, all threads");

  char *from = map(BYTES), *to = map(BYTES);
  const size_t part = BYTES / size_t(threads) / 64 * 64;
  // Each thread touches the memory that it will use.
  together(threads, [=](int t) { memset(from + size_t(t) * part, 1, part), memset(to + size_t(t) * part, 2, part); });
  const double reading = fastest([&] {
    return together(threads, [=](int t) {
      const uint64_t* at = reinterpret_cast<const uint64_t*>(from + size_t(t) * part);
      uint64_t sums[8] = {};
      for (size_t i = 0; i < part / 8; i += 8) {
        for (int lane = 0; lane < 8; lane++) sums[lane] += at[i + size_t(lane)];
      }
      for (uint64_t sum : sums) bench::sink = bench::sink + float(sum);
    });
  });
  print(double(part) * threads / reading / 1e9, "GB/s", "memory read, all threads");
  const double copying = fastest([&] { return together(threads, [=](int t) { memcpy(to + size_t(t) * part, from + size_t(t) * part, part); }); });
  print(2.0 * double(part) * threads / copying / 1e9, "GB/s", "memory copied (read and written), all threads");
  const double touching = fastest([&] {
    char* fresh = map(BYTES);
    const double seconds = together(1, [=](int) { memset(fresh, 1, BYTES); });
    munmap(fresh, BYTES);
    return seconds;
  });
  print(double(BYTES) / touching / 1e9, "GB/s", "new memory touched for the first time, one thread");
}
