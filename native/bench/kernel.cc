// Measures how close the tile loop comes to the arithmetic peak on one thread. For each instruction set that runs here: the
// peak of its multiply-adds, the kernel on a tile in cache, all tiles of a matrix, and packing and writing. Built and run by
// bench/native-kernel.ts.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../core/cpu.h"
#include "../core/pages.h"
#include "peak.h"

namespace {

using allpairs::Block;
using allpairs::Kernels;
using allpairs::KernelsOf;
using allpairs::Sums;
using bench::now;
using bench::peakOf;

/** Returns the median seconds of a run, after one warm-up. */
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
  const auto tile = [&] { kernels.gramTile(panels, panels, size_t(DEPTH) * kernels.panelRows, sums, TILE, TILE, TILE, DEPTH, false); };
  print("tile of 192 x 192 x 768, in cache", 2.0 * TILE * TILE * DEPTH, median(tile, 99));

  /** Bit 0: compute the sums; bit 1: write the scores. */
  const auto matrix = [&](int what) {
    for (size_t i = 0; i < ROWS; i += TILE) {
      for (size_t j = i; j < ROWS; j += TILE) {
        const int height = int(std::min(TILE, ROWS - i)), width = int(std::min(TILE, ROWS - j));
        const size_t stride = (size_t(width) + panelRows - 1) / panelRows * panelRows;
        if (what & 1) kernels.gramTile(panels + i * DEPTH, panels + j * DEPTH, size_t(DEPTH) * kernels.panelRows, sums, stride, height, width, int(DEPTH), i == j);
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
