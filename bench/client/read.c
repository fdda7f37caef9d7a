/* client read MOUNT CGROUPS FILE...: becomes a container with those files, then measures what stdin asks for.
     READERS WARMUP_READS MILLIS FILE   starts readers, lets each do its warm-up reads, answers "warm"
     go                                 lets them read for so long, answers with a line of JSON
   End of input ends it. The pause before "go" is for the harness to look at the server's clock. */

#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

/* 250,000 reads a second for 4 seconds; a reader that is faster stops early, which falsifies nothing. */
enum { MAX_READERS = 64, MAX_SAMPLES = 1000000 };

struct reader {
  pthread_t thread;
  const char *path;
  unsigned warmup_reads;
  uint64_t window_nanos, bytes, failed;
  int error;
  uint32_t *nanos;
  size_t count;
};

static pthread_barrier_t warm, go;
static struct reader readers[MAX_READERS];

static int read_into(struct reader *self, uint32_t *sample) {
  uint64_t nanos = read_once(self->path, &self->bytes);
  if (nanos == 0) {
    self->failed++;
    self->error = errno;
    return 0;
  }
  *sample = nanos > UINT32_MAX ? UINT32_MAX : (uint32_t)nanos;
  return 1;
}

static void *run_reader(void *argument) {
  struct reader *self = argument;
  uint32_t ignored;
  for (unsigned i = 0; i < self->warmup_reads; i++) read_into(self, &ignored);
  pthread_barrier_wait(&warm);
  pthread_barrier_wait(&go);
  self->bytes = 0;
  uint64_t end = now_nanos() + self->window_nanos;
  while (now_nanos() < end && self->count < MAX_SAMPLES)
    if (read_into(self, &self->nanos[self->count])) self->count++;
  return NULL;
}

static uint64_t cpu_nanos(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static void print_result(unsigned count, uint64_t elapsed_nanos, uint64_t used_nanos) {
  static uint32_t *all;
  if (all == NULL) all = malloc((size_t)MAX_READERS * MAX_SAMPLES * sizeof *all);
  size_t reads = 0;
  uint64_t bytes = 0, failed = 0;
  int error = 0;
  for (unsigned i = 0; i < count; i++) {
    memcpy(all + reads, readers[i].nanos, readers[i].count * sizeof *all);
    reads += readers[i].count;
    bytes += readers[i].bytes;
    failed += readers[i].failed;
    if (readers[i].error != 0) error = readers[i].error;
  }
  qsort(all, reads, sizeof *all, compare_nanos);
  printf("{\"reads\":%zu,\"failed\":%" PRIu64 ",\"error\":\"%s\",\"bytes\":%" PRIu64 ",\"elapsedNanos\":%" PRIu64
         ",\"cpuNanos\":%" PRIu64 ",\"p50Nanos\":%" PRIu32 ",\"p99Nanos\":%" PRIu32 "}\n",
         reads, failed, error == 0 ? "" : strerror(error), bytes, elapsed_nanos, used_nanos,
         percentile(all, reads, 50), percentile(all, reads, 99));
}

static void measure(unsigned count, unsigned warmup_reads, unsigned millis, const char *path) {
  char line[16];
  pthread_barrier_init(&warm, NULL, count + 1);
  pthread_barrier_init(&go, NULL, count + 1);
  for (unsigned i = 0; i < count; i++) {
    uint32_t *nanos = readers[i].nanos ? readers[i].nanos : malloc(MAX_SAMPLES * sizeof *nanos);
    readers[i] = (struct reader){.path = path, .warmup_reads = warmup_reads, .nanos = nanos};
    readers[i].window_nanos = (uint64_t)millis * 1000000u;
    if (pthread_create(&readers[i].thread, NULL, run_reader, &readers[i]) != 0) die("Cannot start", "a reader");
  }
  pthread_barrier_wait(&warm);
  puts("warm");
  if (fgets(line, sizeof line, stdin) == NULL) exit(0);
  uint64_t start = now_nanos(), used = cpu_nanos();
  pthread_barrier_wait(&go);
  for (unsigned i = 0; i < count; i++) pthread_join(readers[i].thread, NULL);
  print_result(count, now_nanos() - start, cpu_nanos() - used);
}

int read_command(int argc, char **argv) {
  if (argc < 3) die("Usage:", "client read MOUNT CGROUPS FILE...");
  int pid = clone_container();
  if (pid != 0) {
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }
  become_container(argv[1], argv[0], argv + 2, argc - 2);
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  char line[4096], path[4096];
  unsigned count, warmup_reads, millis;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "%u %u %u %4095s", &count, &warmup_reads, &millis, path) != 4 || count > MAX_READERS)
      die("Cannot understand", line);
    measure(count, warmup_reads, millis, path);
  }
  return 0;
}
