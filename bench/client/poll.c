/* client poll MOUNT CONTAINERS FILE...: reads a line of cgroups for each container from stdin, makes the containers,
   answers "ready", and then for each line "SECONDS" has every container read all files once a second for so long, each at
   its own moment of the second, and answers with a line of JSON. End of input ends it. */

#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_SECONDS = 600, SECOND_NANOS = 1000000000, LATE_NANOS = 100000000 };

struct container {
  unsigned reads, failed, late;
  int error;
};

/* Between the parent and the containers. `containers` and the samples stand behind it. */
struct shared {
  pthread_barrier_t start, end;
  uint64_t start_nanos;
  unsigned seconds;
  struct container containers[];
};

static unsigned containers_count;
static char **files;
static int files_count;
static struct shared *shared;
static uint32_t *samples;

static uint32_t *samples_of(unsigned index) { return samples + (size_t)index * MAX_SECONDS * files_count; }

static void *share(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) die("Cannot map", "memory");
  return memory;
}

static void poll_files(unsigned index, char paths[][256]) {
  struct container *self = &shared->containers[index];
  uint64_t bytes = 0;
  for (int i = 0; i < files_count; i++) {
    uint64_t nanos = read_once(paths[i], &bytes);
    if (nanos == 0) {
      self->failed++;
      self->error = errno;
      continue;
    }
    samples_of(index)[self->reads++] = nanos > UINT32_MAX ? UINT32_MAX : (uint32_t)nanos;
  }
}

static _Noreturn void run_container(unsigned index, char *cgroups, const char *mount, int started) {
  char paths[files_count][256];
  become_container(cgroups, mount, files, files_count);
  if (write(started, "", 1) != 1) die("Cannot tell", "that a container has started");
  for (int i = 0; i < files_count; i++) snprintf(paths[i], sizeof paths[i], "/%s", files[i]);
  for (;; pthread_barrier_wait(&shared->end)) {
    pthread_barrier_wait(&shared->start);
    if (shared->seconds == 0) _exit(0);
    struct container *self = &shared->containers[index];
    *self = (struct container){0};
    for (unsigned second = 0; second < shared->seconds; second++) {
      uint64_t offset = (uint64_t)index * SECOND_NANOS / containers_count;
      uint64_t due = shared->start_nanos + (uint64_t)second * SECOND_NANOS + offset;
      sleep_until(due);
      if (now_nanos() - due > LATE_NANOS) self->late++;
      poll_files(index, paths);
    }
  }
}

/* A container that ended before its time would leave all others at a barrier. */
static void container_ended(int signal) {
  (void)signal;
  _exit(1);
}

static void print_result(uint64_t elapsed_nanos) {
  uint64_t reads = 0, failed = 0, late = 0;
  int error = 0;
  for (unsigned i = 0; i < containers_count; i++) {
    struct container *each = &shared->containers[i];
    memmove(samples + reads, samples_of(i), each->reads * sizeof *samples);
    reads += each->reads;
    failed += each->failed;
    late += each->late;
    if (each->error != 0) error = each->error;
  }
  qsort(samples, reads, sizeof *samples, compare_nanos);
  printf("{\"reads\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"error\":\"%s\",\"latePolls\":%" PRIu64
         ",\"elapsedNanos\":%" PRIu64 ",\"p50Nanos\":%" PRIu32 ",\"p99Nanos\":%" PRIu32 "}\n",
         reads, failed, error == 0 ? "" : strerror(error), late, elapsed_nanos, percentile(samples, reads, 50),
         percentile(samples, reads, 99));
}

static void poll_for(unsigned seconds) {
  uint64_t start = now_nanos();
  shared->seconds = seconds;
  shared->start_nanos = start;
  pthread_barrier_wait(&shared->start);
  if (seconds == 0) return;
  pthread_barrier_wait(&shared->end);
  print_result(now_nanos() - start);
}

int poll_command(int argc, char **argv) {
  if (argc < 3 || (containers_count = (unsigned)atoi(argv[1])) == 0)
    die("Usage:", "client poll MOUNT CONTAINERS FILE...");
  files = argv + 2;
  files_count = argc - 2;
  shared = share(sizeof *shared + containers_count * sizeof *shared->containers);
  samples = share((size_t)containers_count * MAX_SECONDS * files_count * sizeof *samples);
  pthread_barrierattr_t across;
  pthread_barrierattr_init(&across);
  pthread_barrierattr_setpshared(&across, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&shared->start, &across, containers_count + 1);
  pthread_barrier_init(&shared->end, &across, containers_count + 1);
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGCHLD, container_ended);
  char line[8192];
  int started[2];
  if (pipe(started) != 0) die("Cannot make", "a pipe");
  for (unsigned i = 0; i < containers_count; i++) {
    if (fgets(line, sizeof line, stdin) == NULL) die("Cannot read", "the cgroups");
    line[strcspn(line, "\n")] = 0;
    if (clone_container() == 0) run_container(i, line, argv[0], started[1]);
    /* One after the other: hundreds that walk to the same name at once, each finding another inode there, undo each
       other's walks, and now and then the kernel (seen with 6.18) answers mount(2) with ENOENT. */
    if (read(started[0], line, 1) != 1) die("Cannot start", "a container");
  }
  puts("ready");
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned seconds = (unsigned)atoi(line);
    if (seconds == 0 || seconds > MAX_SECONDS) die("Cannot poll for seconds:", line);
    poll_for(seconds);
  }
  signal(SIGCHLD, SIG_DFL);
  poll_for(0);
  while (wait(NULL) > 0) continue;
  return 0;
}
