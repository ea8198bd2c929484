// Simulates faults of disks between a process and its C library (LD_PRELOAD):
//
//     FAULT=<call>:<what>:<after>:<path>
//
// From the `after`-th call on, on files whose path contains `path`: 'open', 'read', 'write', 'fsync' or 'mkdir' fails with the error
// number `what`; or reads return at most `what` bytes (call 'short'), or none, as at the end of a file (call 'end').

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char call[16], wantedPath[256];
static int what, after;
static atomic_int calls;

__attribute__((constructor)) static void readFault(void) {
  const char* fault = getenv("FAULT");
  if (!fault || sscanf(fault, "%15[^:]:%d:%d:%255s", call, &what, &after, wantedPath) != 4) call[0] = 0;
}

static int applies(const char* name, const char* path) {
  return strcmp(call, name) == 0 && strstr(path, wantedPath) && atomic_fetch_add(&calls, 1) >= after;
}

static int appliesTo(const char* name, int file) {
  char link[64], path[1024];
  if (strcmp(call, name) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return applies(name, path);
}

static int fail(void) {
  errno = what;
  return -1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static size_t allowed(int file, size_t length) {
  if (appliesTo("short", file) && length > (size_t)what) return (size_t)what;
  return appliesTo("end", file) ? 0 : length;
}

#define READS(name, type)                                                \
  ssize_t name(int file, void* into, size_t length, type offset) {       \
    if (appliesTo("read", file)) return fail();                          \
    return NEXT(name)(file, into, allowed(file, length), offset);        \
  }
READS(pread, off_t)
READS(pread64, off64_t)

ssize_t read(int file, void* into, size_t length) {
  if (appliesTo("read", file)) return fail();
  return NEXT(read)(file, into, allowed(file, length));
}

#define WRITES(name, type)                                                \
  ssize_t name(int file, const void* from, size_t length, type offset) {  \
    if (appliesTo("write", file)) return fail();                          \
    return NEXT(name)(file, from, length, offset);                        \
  }
WRITES(pwrite, off_t)
WRITES(pwrite64, off64_t)

ssize_t write(int file, const void* from, size_t length) {
  if (appliesTo("write", file)) return fail();
  return NEXT(write)(file, from, length);
}

#define OPENS(name)                                                          \
  int name(const char* path, int flags, ...) {                               \
    va_list more;                                                            \
    va_start(more, flags);                                                   \
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;          \
    va_end(more);                                                            \
    return applies("open", path) ? fail() : NEXT(name)(path, flags, mode);   \
  }
OPENS(open)
OPENS(open64)

int fsync(int file) { return appliesTo("fsync", file) ? fail() : NEXT(fsync)(file); }
int fdatasync(int file) { return appliesTo("fsync", file) ? fail() : NEXT(fdatasync)(file); }
int mkdir(const char* path, mode_t mode) { return applies("mkdir", path) ? fail() : NEXT(mkdir)(path, mode); }
