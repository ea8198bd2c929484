// The boundary to JavaScript: a class Job over core/, and the instruction sets that run here. src/backends/native/addon.ts
// declares it for JavaScript and has checked the arguments; they are asserted again before they become pointers or sizes.

#include <napi.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "core/constants.h"
#include "core/cpu.h"
#include "core/run.h"
#include "core/small.h"

namespace allpairs {
namespace {

class JobObject;

/** A message to the event loop of a job's owner: pairs, a staged tile, or the end. */
struct Message {
  JobObject* job;
  std::unique_ptr<TilePairs> pairs;
  std::optional<StagedTile> staged;
  size_t place;
};

void receive(Napi::Env env, Napi::Function, void*, Message* message);
using Channel = Napi::TypedThreadSafeFunction<void, Message, receive>;

/** The state of one environment (the main thread or a worker). */
class Instance {
 public:
  explicit Instance(Napi::Env env) : pool(Pool::ofProcess()), env_(env) {}

  std::shared_ptr<Pool> pool;
  Channel channel;

  /** While a run is active, the process stays alive. */
  void begin(JobObject* job) {
    if (!channel) {
      channel = Channel::New(env_, "allpairs", 0, 1);
      channel.Unref(env_);
    }
    if (active_.empty()) channel.Ref(env_);
    active_.push_back(job);
  }
  void end(JobObject* job) {
    active_.erase(std::find(active_.begin(), active_.end(), job));
    if (active_.empty()) channel.Unref(env_);
  }
  /** Called before the environment's memory is freed: no thread may still be writing to it. */
  void stopAll();

 private:
  Napi::Env env_;
  std::vector<JobObject*> active_;
};

Instance& instanceOf(Napi::Env env) { return *env.GetInstanceData<Instance>(); }

/** The memory that a typed array is a view of. */
struct View {
  napi_typedarray_type type;
  size_t length;
  void* data;
};

/** Kernels count depth as int, with space for one more block. */
constexpr size_t MAX_DEPTH = (size_t(1) << 31) - 1024;

/** Reads arguments in order and checks their types. */
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) {}

  size_t size() {
    const double value = number();
    if (!(value >= 0 && value <= 9007199254740991.0) || value != double(size_t(value))) fail("a size");
    return size_t(value);
  }
  double number() {
    double value;
    if (napi_get_value_double(info_.Env(), info_[next_++], &value) != napi_ok) fail("a number");
    return value;
  }
  bool flag() {
    bool value;
    if (napi_get_value_bool(info_.Env(), info_[next_++], &value) != napi_ok) fail("a boolean");
    return value;
  }
  Napi::Function function() {
    const Napi::Value value = info_[next_++];
    if (!value.IsFunction()) fail("a function");
    return value.As<Napi::Function>();
  }
  Napi::Value value() { return info_[next_++]; }
  Napi::TypedArray array() {
    const Napi::Value value = info_[next_++];
    if (!value.IsTypedArray()) fail("a typed array");
    return value.As<Napi::TypedArray>();
  }
  /** Returns the memory of an array, with a single call of Node. */
  View view() {
    View view;
    const napi_value value = info_[next_++];
    if (napi_get_typedarray_info(info_.Env(), value, &view.type, &view.length, &view.data, nullptr, nullptr) != napi_ok) fail("a typed array");
    return view;
  }
  /** Reads the ShapeArguments of addon.ts. */
  Shape shape(const Kernels* kernels) {
    Shape shape;
    shape.kernels = kernels;
    shape.doubles = flag();
    shape.depth = size();
    shape.xRows = size();
    shape.yRows = size();
    shape.tileRows = size();
    shape.threads = size();
    const size_t purpose = size();
    shape.count = size();
    shape.sketchDepth = size();
    shape.longSketchDepth = size();
    const size_t grouping = size();
    if (grouping > size_t(Grouping::within)) fail("a grouping");
    shape.grouping = Grouping(grouping);
    shape.thresholds = flag();
    shape.sparse = flag();
    shape.xNonzeros = size();
    shape.yNonzeros = size();
    shape.tileNonzeros = size();
    shape.rowNonzeros = size();
    shape.filtered = flag();
    shape.commonColumns = number();
    if (purpose > size_t(Purpose::tiles)) fail("a purpose");
    shape.purpose = Purpose(purpose);
    const bool counted = shape.purpose != Purpose::dense && shape.purpose != Purpose::pairs;
    if (shape.depth > MAX_DEPTH || shape.tileRows < 1 || shape.tileRows > MAX_TILE_ROWS || shape.threads < 1 ||
        (counted && shape.count < 1) || shape.sketchDepth == 1 || shape.sketchDepth > shape.depth || shape.longSketchDepth > shape.depth ||
        (shape.narrowed() && (!shape.pruned() || shape.longSketchDepth < shape.sketchDepth)) ||
        (shape.pruned() && shape.purpose != Purpose::pairs && shape.purpose != Purpose::topK) || (shape.pruned() && shape.sparse) ||
        (shape.filtered && !(shape.sparse && shape.purpose == Purpose::pairs)) ||
        shape.xNonzeros > UINT32_MAX || shape.yNonzeros > UINT32_MAX) {
      fail("a shape");
    }
    return shape;
  }
  [[noreturn]] void fail(const std::string& expected) const {
    throw Napi::TypeError::New(info_.Env(), "native: expected " + expected + " as argument " + std::to_string(next_ - 1));
  }

 private:
  const Napi::CallbackInfo& info_;
  size_t next_ = 0;
};

View viewOf(Napi::TypedArray array) {
  View view;
  if (napi_get_typedarray_info(array.Env(), array, &view.type, &view.length, &view.data, nullptr, nullptr) != napi_ok) {
    throw Napi::TypeError::New(array.Env(), "native: an array that cannot be read");
  }
  return view;
}

/** Like `view`, but requires this type and at least this many elements. */
View viewOf(Napi::TypedArray array, napi_typedarray_type type, size_t least) {
  const View view = viewOf(array);
  if (view.type != type || view.length < least) {
    throw Napi::TypeError::New(array.Env(), "native: an array of another type or length than the job's");
  }
  return view;
}

/** Throws if the product exceeds the address space. */
size_t product(Napi::Env env, size_t a, size_t b) {
  size_t result;
  if (__builtin_mul_overflow(a, b, &result)) throw Napi::RangeError::New(env, "native: a size that no memory has");
  return result;
}

class JobObject : public Napi::ObjectWrap<JobObject>, public Listener {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Job",
                       {InstanceMethod<&JobObject::configure>("configure"), InstanceMethod<&JobObject::setDirections>("setDirections"), InstanceMethod<&JobObject::pack>("pack"),
                        InstanceMethod<&JobObject::packSparse>("packSparse"), InstanceMethod<&JobObject::packFilter>("packFilter"), InstanceMethod<&JobObject::zeroRows>("zeroRows"), InstanceMethod<&JobObject::setGroups>("setGroups"),
                        InstanceMethod<&JobObject::setThresholds>("setThresholds"), InstanceMethod<&JobObject::reaches>("reaches"),
                        InstanceMethod<&JobObject::computeSmall>("computeSmall"),
                        InstanceMethod<&JobObject::begin>("begin"), InstanceMethod<&JobObject::take>("take"),
                        InstanceMethod<&JobObject::takeScores>("takeScores"), InstanceMethod<&JobObject::counts>("counts"), InstanceMethod<&JobObject::start>("start"),
                        InstanceMethod<&JobObject::stop>("stop"), InstanceMethod<&JobObject::tilesDone>("tilesDone"), InstanceMethod<&JobObject::multiplyAdds>("multiplyAdds"),
                        InstanceMethod<&JobObject::release>("release")});
  }

  /** (instructionSet). */
  explicit JobObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JobObject>(info), instance_(instanceOf(info.Env())) {
    const std::string name = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
    kernels_ = findKernels(name.c_str());
    if (!kernels_) throw Napi::TypeError::New(info.Env(), "native: no instruction set '" + name + "' here");
  }

  // Called on a thread of the pool.

  void pairs(std::unique_ptr<TilePairs> found, size_t place) override { post(new Message{this, std::move(found), {}, place}); }

  void staged(const StagedTile& tile, size_t place) override { post(new Message{this, nullptr, tile, place}); }

  void ended() override {
    // All under one lock, because an owner that learns of the end may destroy this object immediately.
    const std::lock_guard<std::mutex> lock(mutex_);
    running_ = false;
    post(new Message{this, nullptr, {}, 0});
    quiet_.notify_all();
  }

  // Called on the thread of the environment.

  void received(Napi::Env env, const Message& message) {
    if (message.pairs || message.staged) {
      try {
        if (!run_->stopped()) deliver(env, message);
      } catch (...) {
        run_->taken(message.place);
        throw;
      }
      run_->taken(message.place);
      return;
    }
    const bool outOfMemory = run_->outOfMemory(), resultLost = resultLost_;
    const Napi::FunctionReference onEnd = std::move(onEnd_);
    forgetRun();
    onEnd.Call({Napi::Boolean::New(env, outOfMemory), Napi::Boolean::New(env, resultLost)});
  }

  void stopAndWait() {
    stopRun();
    std::unique_lock<std::mutex> lock(mutex_);
    quiet_.wait(lock, [this] { return !running_; });
  }

 private:
  void deliver(Napi::Env env, const Message& message) {
    if (message.pairs) {
      onFound_.Call({toObject(env, *message.pairs)});
    } else if (job_->shape().purpose == Purpose::tiles) {
      Napi::Object tile = Napi::Object::New(env);
      tile["index"] = double(message.staged->index);
      tile["scores"] = toScores(env, *message.staged);
      onFound_.Call({tile});
    } else {
      placeStaged(*message.staged);
    }
  }

  /** (the arguments of a shape) -> false if there is not enough memory. */
  Napi::Value configure(const Napi::CallbackInfo& info) {
    mustBeIdle(info.Env());
    Arguments arguments(info);
    const Shape shape = arguments.shape(kernels_);
    task_.reset();
    packedRows_[0] = packedRows_[1] = 0;
    awaited_ = {};
    configured_ = job_->configure(shape);
    return Napi::Boolean::New(info.Env(), configured_);
  }

  /** (directions, square slack, slack); called before rows are packed. */
  void setDirections(const Napi::CallbackInfo& info) {
    mustBeConfigured(info.Env());
    Arguments arguments(info);
    const Shape& shape = job_->shape();
    if (!shape.pruned()) throw Napi::Error::New(info.Env(), "native: the job has no sketches");
    const napi_typedarray_type type = shape.doubles ? napi_float64_array : napi_float32_array;
    const View directions = viewOf(arguments.array(), type, product(info.Env(), shape.directions(), shape.depth));
    SketchErrors errors;
    errors.squareSlack = arguments.number();
    errors.slack = arguments.number();
    job_->setDirections(directions.data, errors);
  }

  /**
   * (result, depth, zeroNonFinite, x, offset, rows, y or undefined, offset, rows) -> whether it succeeded. Computes all scores
   * of a dense problem at once and leaves the job unconfigured. If a row is not finite, an array has a wrong length or there is
   * not enough memory, nothing is written.
   */
  Napi::Value computeSmall(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    mustBeIdle(env);
    Arguments arguments(info);
    const View result = arguments.view();
    SmallProblem problem;
    problem.kernels = kernels_;
    problem.doubles = result.type == napi_float64_array;
    if (!problem.doubles && result.type != napi_float32_array) arguments.fail("scores");
    problem.depth = arguments.size();
    if (problem.depth > MAX_DEPTH) arguments.fail("a depth");
    problem.zeroNonFinite = arguments.flag();
    bool fits = smallRows(env, arguments, problem.depth, problem.x);
    const bool symmetric = info[6].IsUndefined();
    if (!symmetric) fits = smallRows(env, arguments, problem.depth, problem.y) && fits;
    fits = fits && result.length == product(env, problem.x.count, (symmetric ? problem.x : problem.y).count);
    task_.reset();
    configured_ = false;
    // Without rows there are no scores.
    const bool done = fits && (result.length == 0 || allpairs::computeSmall(job_, problem, result.data));
    job_->release();
    return Napi::Boolean::New(env, done);
  }

  /** Reads (rows, offset, count); returns whether the array contains that many rows. */
  static bool smallRows(Napi::Env env, Arguments& arguments, size_t depth, SmallRows& rows) {
    const View view = arguments.view();
    const size_t offset = arguments.size();
    rows.count = arguments.size();
    rows.doubles = view.type == napi_float64_array;
    if (!rows.doubles && view.type != napi_float32_array) arguments.fail("rows of floats");
    if (offset > view.length || product(env, rows.count, depth) > view.length - offset) return false;
    rows.at = static_cast<const char*>(view.data) + offset * (rows.doubles ? 8 : 4);
    return true;
  }

  /** (y, rows, offset, count, at, zeroNonFinite, helpers) -> -1, or the first row that is not finite. */
  Napi::Value pack(const Napi::CallbackInfo& info) {
    mustBeConfigured(info.Env());
    Arguments arguments(info);
    PackWork work;
    work.job = job_.get();
    if (job_->shape().sparse) throw Napi::Error::New(info.Env(), "native: the job is for sparse rows");
    work.y = arguments.flag();
    const View rows = viewOf(arguments.array());
    const size_t offset = arguments.size();
    work.count = arguments.size();
    work.at = arguments.size();
    work.zeroNonFinite = arguments.flag();
    const Shape& shape = job_->shape();
    if (shape.pruned() && !job_->hasDirections()) throw Napi::Error::New(info.Env(), "native: sketches need directions before rows");
    const size_t helpers = std::min(arguments.size(), shape.threads - 1);
    const size_t room = work.y ? shape.yRows : shape.xRows;
    if (work.at > room || work.count > room - work.at || work.at % shape.panelRows() != 0) arguments.fail("rows within the job");
    if (rows.type != napi_float32_array && rows.type != napi_float64_array) arguments.fail("rows of floats");
    work.sourceDoubles = rows.type == napi_float64_array;
    const size_t wanted = product(info.Env(), work.count, shape.depth);
    if (offset > rows.length || wanted > rows.length - offset) arguments.fail("rows within the array");
    work.rows = static_cast<const char*>(rows.data) + offset * (work.sourceDoubles ? 8 : 4);
    return Napi::Number::New(info.Env(), double(packAll(work, helpers)));
  }

  /** (y, at, count, starts, columns, values, inverses, guards): adds sparse rows that the caller has packed. */
  void packSparse(const Napi::CallbackInfo& info) {
    mustBeConfigured(info.Env());
    Arguments arguments(info);
    const Shape& shape = job_->shape();
    const napi_typedarray_type type = shape.doubles ? napi_float64_array : napi_float32_array;
    SparseBlock block;
    block.y = arguments.flag();
    block.at = arguments.size();
    block.count = arguments.size();
    const size_t room = block.y ? shape.yRows : shape.xRows;
    if (!shape.sparse || block.at > room || block.count > room - block.at || block.at > packedRows_[block.y]) arguments.fail("rows within the job");
    block.starts = static_cast<const uint32_t*>(viewOf(arguments.array(), napi_uint32_array, block.count + 1).data);
    const size_t stored = block.starts[block.count];
    block.columns = static_cast<const uint32_t*>(viewOf(arguments.array(), napi_uint32_array, stored).data);
    block.values = viewOf(arguments.array(), type, stored).data;
    block.inverses = viewOf(arguments.array(), type, block.count).data;
    block.guards = viewOf(arguments.array(), type, block.count).data;
    packedRows_[block.y] = 0;
    if (!copySparse(*job_, block)) arguments.fail("packed rows");
    if (shape.filtered && block.count > 0) {
      awaited_ = {block.y, block.at, block.count};
    } else {
      packedRows_[block.y] = block.at + block.count;
    }
  }

  /** (columns, values, rests): adds the filter of the most recently packed rows. */
  void packFilter(const Napi::CallbackInfo& info) {
    mustBeConfigured(info.Env());
    if (awaited_.count == 0) throw Napi::Error::New(info.Env(), "native: no rows wait for their filter");
    Arguments arguments(info);
    const FilterBlock& block = awaited_;
    const uint32_t* starts = job_->at<uint32_t>(job_->operand(block.y).sparse.starts) + block.at;
    const size_t stored = starts[block.count] - starts[0];
    awaited_.columns = static_cast<const uint32_t*>(viewOf(arguments.array(), napi_uint32_array, stored).data);
    awaited_.values = static_cast<const float*>(viewOf(arguments.array(), napi_float32_array, stored).data);
    awaited_.rests = static_cast<const float*>(viewOf(arguments.array(), napi_float32_array, stored).data);
    if (!copyFilter(*job_, block)) arguments.fail("a filter of packed rows");
    packedRows_[block.y] = block.at + block.count;
    awaited_ = {};
  }

  /** (y, at, count) -> which of the packed rows [at, at + count) are zero rows, counted from `at`. */
  Napi::Value zeroRows(const Napi::CallbackInfo& info) {
    mustBeConfigured(info.Env());
    Arguments arguments(info);
    const bool y = arguments.flag();
    const size_t at = arguments.size(), count = arguments.size();
    mustBePacked(arguments, y, at, count);
    const size_t inverses = job_->operand(y).inverses;
    std::vector<uint32_t> found;
    const auto find = [&](const auto* of) {
      for (size_t i = 0; i < count; i++) {
        if (of[i] == 0) found.push_back(uint32_t(i));
      }
    };
    if (job_->shape().doubles) {
      find(job_->at<double>(inverses) + at);
    } else {
      find(job_->at<float>(inverses) + at);
    }
    return toArray<Napi::Uint32Array>(info.Env(), found);
  }

  /** (y, at, groups): sets the groups of packed rows from `at`. */
  void setGroups(const Napi::CallbackInfo& info) {
    setForRows<uint32_t>(info, napi_uint32_array, job_->shape().grouping != Grouping::none, &Operand::groups);
  }

  /** (y, at, thresholds): sets the thresholds of packed rows from `at`. */
  void setThresholds(const Napi::CallbackInfo& info) {
    setForRows<double>(info, napi_float64_array, job_->shape().thresholds, &Operand::thresholds);
  }

  template <class E>
  void setForRows(const Napi::CallbackInfo& info, napi_typedarray_type type, bool has, size_t Operand::*place) {
    mustBeConfigured(info.Env());
    Arguments arguments(info);
    const bool y = arguments.flag();
    const size_t at = arguments.size();
    const View values = viewOf(arguments.array(), type, 0);
    if (!has) throw Napi::Error::New(info.Env(), "native: the job has none for its rows");
    mustBePacked(arguments, y, at, values.length);
    const E* from = static_cast<const E*>(values.data);
    std::copy(from, from + values.length, job_->at<E>(job_->operand(y).*place) + at);
  }

  void mustBePacked(const Arguments& arguments, bool y, size_t at, size_t count) const {
    const size_t room = y ? job_->shape().yRows : job_->shape().xRows;
    if (at > room || count > room - at) arguments.fail("rows within the job");
  }

  /**
   * (row, col, score, threshold) of packed rows -> whether their cosine reaches the threshold; may be called while threads
   * compute tiles.
   */
  Napi::Value reaches(const Napi::CallbackInfo& info) {
    if (!task_) throw Napi::Error::New(info.Env(), "native: the job has not begun");
    Arguments arguments(info);
    const size_t row = arguments.size(), col = arguments.size();
    const Grid& grid = task_->grid();
    if (row >= grid.rowEnd || col >= grid.passCols) arguments.fail("rows of the grid");
    const double score = arguments.number(), threshold = arguments.number();
    return Napi::Boolean::New(info.Env(), task_->reaches(row, col, score, threshold));
  }

  /** Returns -1, or the first row that is not finite. */
  int64_t packAll(const PackWork& work, size_t helpers) {
    if (helpers > 0) {
      const auto run = std::make_shared<PackRun>(work);
      instance_.pool->doWithHelp(run, helpers);
      return run->firstBad();
    }
    int64_t bad = -1;
    for (size_t panel = 0; bad < 0 && panel < work.panels(); panel++) bad = work.packPanel(panel, 0);
    return bad;
  }

  /**
   * (passRow, passCol, passCols, rowStart, rowEnd, tileRows, diagonal, symmetric, detail, below); see BeginDetail in addon.ts.
   */
  void begin(const Napi::CallbackInfo& info) {
    mustBeConfigured(info.Env());
    Arguments arguments(info);
    const Shape& shape = job_->shape();
    Grid grid;
    grid.passRow = arguments.size();
    grid.passCol = arguments.size();
    grid.passCols = arguments.size();
    grid.rowStart = arguments.size();
    grid.rowEnd = arguments.size();
    grid.tileRows = arguments.size();
    grid.diagonal = arguments.flag();
    grid.symmetric = arguments.flag();
    const size_t panelRows = shape.panelRows();
    const size_t colRoom = grid.diagonal || shape.yRows == 0 ? shape.xRows : shape.yRows;
    if (grid.rowStart > grid.rowEnd || grid.rowEnd > shape.xRows || grid.passCols > colRoom || grid.firstCol() > grid.passCols ||
        grid.tileRows < 1 || grid.tileRows > shape.tileRows || grid.tileRows % panelRows != 0 || grid.rowStart % panelRows != 0) {
      arguments.fail("a grid within the job");
    }
    const size_t cols = packedRows_[!grid.diagonal && shape.yRows > 0];
    if (shape.sparse && (packedRows_[0] < grid.rowEnd || cols < grid.passCols || !fitsIndex(*job_, grid))) arguments.fail("rows that are packed");
    // A self-comparison is on the diagonal of a symmetric result; its scratch memory for columns is as large as that for rows.
    const bool square = shape.yRows == 0 || shape.yRows >= std::min(shape.tileRows, shape.xRows);
    if (grid.diagonal && !(grid.symmetric && grid.passRow == grid.passCol && grid.rowEnd <= grid.passCols && square)) {
      arguments.fail("a diagonal pass");
    }
    order_ = Order();
    if (shape.purpose == Purpose::dense) {
      order_.cols = arguments.size();
      if (grid.passCol + grid.passCols > order_.cols) arguments.fail("columns within the result");
    } else if (shape.purpose == Purpose::pairs) {
      order_.threshold = arguments.number();
      order_.below = arguments.number();
    } else if (shape.purpose == Purpose::topK) {
      // One lock protects the lists of a block of rows, and each tile lies in one block.
      if (grid.rowStart % grid.tileRows != 0) arguments.fail("whole blocks of rows");
    } else if (shape.purpose == Purpose::histogram) {
      order_.edges = static_cast<const double*>(viewOf(arguments.array(), napi_float64_array, shape.count + 1).data);
    }
    task_ = std::make_shared<Task>(job_, grid, order_);
  }

  /**
   * (index, first array, second array): the result of a dense job, or the indices and scores of top-k -> pairs, or undefined.
   */
  Napi::Value take(const Napi::CallbackInfo& info) {
    mustHaveBegun(info.Env());
    Arguments arguments(info);
    const size_t index = arguments.size();
    if (index >= task_->tiles()) arguments.fail("a tile of the grid");
    setTargets(arguments, index == 0);
    const std::unique_ptr<TilePairs> found = task_->take(index, 0);
    return found ? toObject(info.Env(), *found) : info.Env().Undefined();
  }

  /** (index) -> the scores of that tile. */
  Napi::Value takeScores(const Napi::CallbackInfo& info) {
    mustHaveBegun(info.Env());
    Arguments arguments(info);
    const size_t index = arguments.size();
    if (index >= task_->tiles()) arguments.fail("a tile of the grid");
    if (job_->shape().purpose != Purpose::tiles) throw Napi::Error::New(info.Env(), "native: the job is for no tiles");
    void* staged = task_->stagedTile(0, 0);
    task_->stage(index, 0, [&] { return staged; });
    return toScores(info.Env(), {index, staged});
  }

  Napi::Value toScores(Napi::Env env, const StagedTile& staged) {
    const Tile tile = task_->tileAt(staged.index);
    const size_t length = size_t(tile.rows()) * size_t(tile.cols());
    if (job_->shape().doubles) {
      Napi::Float64Array scores = Napi::Float64Array::New(env, length);
      task_->copyTile(staged.index, staged.scores, scores.Data());
      return scores;
    }
    Napi::Float32Array scores = Napi::Float32Array::New(env, length);
    task_->copyTile(staged.index, staged.scores, scores.Data());
    return scores;
  }

  /** () -> the counts of a histogram since `begin`. */
  Napi::Value counts(const Napi::CallbackInfo& info) {
    mustHaveBegun(info.Env());
    const Napi::Env env = info.Env();
    if (job_->shape().purpose != Purpose::histogram) throw Napi::Error::New(env, "native: nothing is counted");
    const Counts counts = task_->counts();
    Napi::Object object = Napi::Object::New(env);
    object["bins"] = toArray<Napi::Float64Array>(env, counts.bins);
    object["minimum"] = counts.minimum;
    object["maximum"] = counts.maximum;
    const bool negative = counts.sumHigh < 0;
    const uint64_t low = negative ? 0 - counts.sumLow : counts.sumLow;
    const uint64_t high = negative ? ~uint64_t(counts.sumHigh) + (counts.sumLow == 0) : uint64_t(counts.sumHigh);
    const uint64_t words[2] = {low, high};
    object["sum"] = Napi::BigInt::New(env, negative, 2, words);
    return object;
  }

  /**
   * (first array, second array, threads, onFound, onEnd): computes all tiles on the pool; onFound is called with pairs or
   * tiles. Only the result of a job with staged tiles may be detached or resized before `onEnd`, which is called with (out of
   * memory, whether that happened).
   */
  void start(const Napi::CallbackInfo& info) {
    mustHaveBegun(info.Env());
    Arguments arguments(info);
    setTargets(arguments, true);
    const size_t threads = arguments.size();
    if (threads < 1 || threads > task_->threads()) arguments.fail("threads that the job has scratch for");
    const Napi::Function onFound = arguments.function(), onEnd = arguments.function();
    Napi::Object held = Napi::Object::New(info.Env());
    held["first"] = info[0];
    held["second"] = info[1];
    const auto run = std::make_shared<Run>(task_, *instance_.pool, *this);
    instance_.begin(this);
    Ref();
    held_ = Napi::Persistent(held);
    onFound_ = Napi::Persistent(onFound);
    onEnd_ = Napi::Persistent(onEnd);
    run_ = run;
    resultLost_ = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      running_ = true;
    }
    if (instance_.pool->start(run, threads)) return;
    running_ = false;
    onEnd_.Reset();
    forgetRun();
    throw Napi::Error::New(info.Env(), "native: the system gives no thread");
  }

  /**
   * Copies a staged tile to the result. No JavaScript runs on this thread meanwhile, so the buffer cannot be detached during
   * the copy; it may have been detached before.
   */
  void placeStaged(const StagedTile& tile) {
    const View result = viewOf(held_.Get("first").As<Napi::TypedArray>());
    if (result.length == resultLength_) {
      run_->task().place(tile.index, tile.scores, result.data);
      return;
    }
    resultLost_ = true;
    stopRun();
  }

  void stop(const Napi::CallbackInfo&) {
    if (run_) stopRun();
  }

  void stopRun() {
    const std::shared_ptr<Run> run = run_;
    run->stop();
    // If it is still queued, no thread would ever report its end.
    instance_.pool->withdraw(run);
  }

  /** Called when no thread works for it any more. */
  void forgetRun() {
    { const std::lock_guard<std::mutex> lastOfThem(mutex_); }
    run_.reset();
    onFound_.Reset();
    held_.Reset();
    instance_.end(this);
    Unref();
  }

  Napi::Value tilesDone(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), run_ ? double(run_->tilesDone()) : 0);
  }

  /** () -> for a pruned job, the multiply-adds computed so far and those of all its tiles; undefined for other jobs. */
  Napi::Value multiplyAdds(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!task_ || !(job_->shape().pruned() || job_->shape().filtered)) return env.Undefined();
    const Napi::Array both = Napi::Array::New(env, 2);
    both.Set(0u, Napi::Number::New(env, task_->multiplyAdds()));
    both.Set(1u, Napi::Number::New(env, task_->allMultiplyAdds()));
    return both;
  }

  /** () -> whether the job is still configured because its memory is small. */
  Napi::Value release(const Napi::CallbackInfo& info) {
    mustBeIdle(info.Env());
    task_.reset();
    configured_ = job_->release() && configured_;
    return Napi::Boolean::New(info.Env(), configured_);
  }

  /** Takes the arrays that tiles write to, and checks that every tile of the grid is inside them. */
  void setTargets(Arguments& arguments, bool isFirst) {
    const Shape& shape = job_->shape();
    const Grid& grid = task_->grid();
    const napi_typedarray_type type = shape.doubles ? napi_float64_array : napi_float32_array;
    const size_t lastRow = std::max(grid.passRow + grid.rowEnd, grid.symmetric ? grid.passCol + grid.passCols : 0);
    if (shape.purpose == Purpose::dense) {
      const Napi::TypedArray array = arguments.array();
      const View result = viewOf(array, type, product(array.Env(), lastRow, order_.cols));
      const size_t bytes = result.length * shape.elementBytes();
      if (grid.symmetric && grid.passRow + grid.rowEnd > order_.cols) arguments.fail("columns within the result");
      order_.result = result.data;
      resultLength_ = result.length;
      arguments.value();
      // For a result that is written here first, huge pages save a page fault for every 4 KiB.
      if (isFirst && bytes >= HUGE_RESULT_BYTES) adviseHugePages(order_.result, bytes);
    } else if (shape.purpose == Purpose::topK) {
      const Napi::TypedArray indices = arguments.array(), scores = arguments.array();
      const size_t length = product(indices.Env(), lastRow, shape.count);
      order_.indices = static_cast<uint32_t*>(viewOf(indices, napi_uint32_array, length).data);
      order_.scores = viewOf(scores, type, length).data;
    } else {
      arguments.value();
      arguments.value();
    }
    task_->setTargets(order_);
  }

  template <class Array, class T>
  static Array toArray(Napi::Env env, const std::vector<T>& from) {
    Array array = Array::New(env, from.size());
    std::copy(from.begin(), from.end(), array.Data());
    return array;
  }

  static Napi::Object toObject(Napi::Env env, const TilePairs& pairs) {
    Napi::Object object = Napi::Object::New(env);
    object["tileRow"] = double(pairs.tileRow);
    object["tileCol"] = double(pairs.tileCol);
    object["rows"] = toArray<Napi::Uint32Array>(env, pairs.rows);
    object["cols"] = toArray<Napi::Uint32Array>(env, pairs.cols);
    if (pairs.doubles.empty()) {
      object["scores"] = toArray<Napi::Float32Array>(env, pairs.floats);
    } else {
      object["scores"] = toArray<Napi::Float64Array>(env, pairs.doubles);
    }
    return object;
  }

  void post(Message* message) {
    if (instance_.channel.NonBlockingCall(message) != napi_ok) delete message;
  }

  void mustBeIdle(Napi::Env env) const {
    if (run_) throw Napi::Error::New(env, "native: the job is running");
  }
  void mustBeConfigured(Napi::Env env) const {
    mustBeIdle(env);
    if (!configured_) throw Napi::Error::New(env, "native: the job is not configured");
  }
  void mustHaveBegun(Napi::Env env) const {
    mustBeIdle(env);
    if (!task_) throw Napi::Error::New(env, "native: the job has not begun");
  }

  static constexpr size_t HUGE_RESULT_BYTES = size_t(2) << 20;

  Instance& instance_;
  const Kernels* kernels_;
  std::shared_ptr<Job> job_ = std::make_shared<Job>();
  bool configured_ = false;
  /** For sparse rows: the number of packed rows of x and of y, whose tiles may be computed. */
  size_t packedRows_[2] = {0, 0};
  /** For filtered jobs: the rows whose filter has not been added yet; their count is 0 if there are none. */
  FilterBlock awaited_ = {};
  Order order_;
  /** Number of elements of a dense result, and whether it had changed when staged tiles were copied. */
  size_t resultLength_ = 0;
  bool resultLost_ = false;
  std::shared_ptr<Task> task_;
  std::shared_ptr<Run> run_;
  Napi::FunctionReference onFound_, onEnd_;
  Napi::ObjectReference held_;
  std::mutex mutex_;
  std::condition_variable quiet_;
  bool running_ = false;
};

void Instance::stopAll() {
  for (JobObject* job : active_) job->stopAndWait();
}

void receive(Napi::Env env, Napi::Function, void*, Message* message) {
  const std::unique_ptr<Message> held(message);
  // Without an environment, it is being torn down and there is no listener.
  if (env == nullptr) return;
  try {
    message->job->received(env, *message);
  } catch (const Napi::Error& error) {
    // In a worker that is being terminated, which runs no JavaScript, this throws nothing.
    error.ThrowAsJavaScriptException();
  } catch (const std::exception& error) {
    Napi::Error::New(env, std::string("native: ") + error.what()).ThrowAsJavaScriptException();
  }
}

/** () -> [{ name, description, runs, ... }], best first; see InstructionSet in addon.ts. */
Napi::Value instructionSets(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Array sets = Napi::Array::New(env);
  uint32_t next = 0;
  for (const Candidate& candidate : candidates()) {
    Napi::Object set = Napi::Object::New(env);
    set["name"] = candidate.kernels->name;
    set["description"] = candidate.kernels->description;
    set["runs"] = candidate.runs;
    set["panelRowsFloat32"] = candidate.kernels->floats.panelRows;
    set["panelRowsFloat64"] = candidate.kernels->doubles.panelRows;
    set["depthBlock"] = candidate.kernels->depthBlock;
    sets.Set(next++, set);
  }
  return sets;
}

/** (instructionSet, the arguments of a shape) -> the size of such a job in bytes. */
Napi::Value jobBytes(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const Napi::Value name = arguments.value();
  const Kernels* kernels = name.IsString() ? findKernels(name.As<Napi::String>().Utf8Value().c_str()) : nullptr;
  if (!kernels) arguments.fail("an instruction set that runs here");
  Layout layout;
  const bool fits = layOut(arguments.shape(kernels), layout);
  return Napi::Number::New(info.Env(), fits ? double(layout.bytes) : HUGE_VAL);
}

/** See AddonConstants in src/backends/native/constants.ts. */
Napi::Object constants(Napi::Env env) {
  Napi::Object object = Napi::Object::New(env);
  object["purposes"] = PURPOSES;
  object["maxTileRows"] = double(MAX_TILE_ROWS);
  object["sumUnits"] = SUM_UNITS;
  object["noScore"] = NO_SCORE;
  object["noIndex"] = double(NO_INDEX);
  object["groupings"] = GROUPINGS;
  object["noGroup"] = double(NO_GROUP);
  return object;
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  Instance* instance = new Instance(env);
  env.SetInstanceData<Instance>(instance);
  env.AddCleanupHook([](Instance* held) { held->stopAll(); }, instance);
  exports["constants"] = constants(env);
  exports["Job"] = JobObject::define(env);
  exports["instructionSets"] = Napi::Function::New<instructionSets>(env);
  exports["jobBytes"] = Napi::Function::New<jobBytes>(env);
  return exports;
}

}  // namespace
}  // namespace allpairs

static Napi::Object initialise(Napi::Env env, Napi::Object exports) { return allpairs::initialise(env, exports); }
NODE_API_MODULE(allpairs, initialise)
