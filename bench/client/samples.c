/* The clock, one read, and what is made of many. */

#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

uint64_t now_nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sleep_until(uint64_t nanos) {
  struct timespec then = {.tv_sec = (time_t)(nanos / 1000000000u), .tv_nsec = (long)(nanos % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL) == EINTR) continue;
}

uint64_t read_once(const char *path, uint64_t *bytes) {
  static _Thread_local char buffer[65536];
  uint64_t start = now_nanos(), length = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t count;
  while ((count = read(fd, buffer, sizeof buffer)) > 0) length += (uint64_t)count;
  int error = count < 0 ? errno : ENODATA;
  close(fd);
  uint64_t nanos = now_nanos() - start;
  *bytes += length;
  errno = error;
  return count < 0 || length == 0 ? 0 : nanos;
}

int compare_nanos(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

uint32_t percentile(const uint32_t *sorted, size_t count, unsigned percent) {
  return count == 0 ? 0 : sorted[(count - 1) * percent / 100];
}
