// come-and-go TREE CONTAINERS PARENT...
//
// Containers that come and go, one after the other: a cgroup below each PARENT, a process in them that reads files of
// TREE, and the cgroups are removed. Prints how many reads failed.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };
static const char *const files[] = {"meminfo", "stat", "loadavg", "uptime", "cpuinfo", "diskstats", "swaps", "vmstat"};
enum { FILES = sizeof files / sizeof *files };

static void fail(const char *what) {
  perror(what);
  exit(255);
}

static int live(const char *tree, char **parents, int count, const char *id) {
  char path[PATH_BYTES], text[1 << 16];
  int failed = 0;
  for (int parent = 0; parent < count; parent++) {
    snprintf(path, sizeof path, "%s/%s/cgroup.procs", parents[parent], id);
    int fd = open(path, O_WRONLY);
    if (fd < 0 || write(fd, "0", 1) != 1) fail(path);
    close(fd);
  }
  for (int file = 0; file < FILES; file++) {
    snprintf(path, sizeof path, "%s/proc/%s", tree, files[file]);
    int fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text) <= 0) failed++;
    if (fd >= 0) close(fd);
  }
  return failed;
}

int main(int count, char **arguments) {
  if (count < 4) return 1;
  const char *tree = arguments[1];
  char **parents = arguments + 3, id[80], path[PATH_BYTES];
  long failed = 0;
  for (long container = 0; container < atol(arguments[2]); container++) {
    snprintf(id, sizeof id, "%064ld", container);
    for (int parent = 0; parent < count - 3; parent++) {
      snprintf(path, sizeof path, "%s/%s", parents[parent], id);
      if (mkdir(path, 0755) != 0) fail(path);
    }
    pid_t child = fork();
    if (child == 0) _exit(live(tree, parents, count - 3, id));
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0) fail("fork");
    failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    for (int parent = 0; parent < count - 3; parent++) {
      snprintf(path, sizeof path, "%s/%s", parents[parent], id);
      while (rmdir(path) != 0) if (errno != EBUSY) fail(path);
    }
  }
  printf("%ld\n", failed);
  return 0;
}
