// starting-together TREE ROUNDS
//
// A container for each line of standard input, "KIB DIRECTORY[ DIRECTORY...]": a process in those cgroups, in a mount
// namespace of its own. All at once they bind files of TREE over the kernel's, as container runtimes do, and see what
// MemTotal they find. A bind counts as refused also where the path of what was bound is another than its target, as runc
// sees it. Prints "BINDS FAILED WRONG": mounts tried, mounts refused, containers that saw another's memory.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_BYTES = 4096, RUNTIME_MICROS = 500 };
static const char *const files[] = {"cpuinfo", "diskstats", "loadavg", "meminfo", "stat", "swaps", "uptime"};
enum { FILES = sizeof files / sizeof *files };
struct counts { long binds, failed, wrong; };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void enter(char *directories) {
  for (char *one = strtok(directories, " \n"); one != NULL; one = strtok(NULL, " \n")) {
    char path[LINE_BYTES];
    snprintf(path, sizeof path, "%s/cgroup.procs", one);
    FILE *procs = fopen(path, "w");
    if (procs == NULL || fprintf(procs, "0") < 0 || fclose(procs) != 0) fail(path);
  }
}

/* What runc asks of the target, a little later: that its path is what it was. */
static int found(const char *target) {
  char link[64], path[LINE_BYTES];
  usleep(RUNTIME_MICROS);
  int fd = open(target, O_PATH);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  close(fd);
  if (length < 0) return 0;
  path[length] = '\0';
  errno = ESTALE;
  return strcmp(path, target) == 0;
}

static void contain(char *line, const char *tree, int rounds, int gate, struct counts *counts) {
  char *directories, byte;
  long kib = strtol(line, &directories, 10);
  enter(directories);
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail("unshare");
  if (read(gate, &byte, 1) != 0) fail("gate");
  for (int round = 0; round < rounds; round++) {
    int refused = 0;
    for (int file = 0; file < FILES; file++) {
      char source[LINE_BYTES], target[64];
      snprintf(source, sizeof source, "%s/proc/%s", tree, files[file]);
      snprintf(target, sizeof target, "/proc/%s", files[file]);
      __atomic_fetch_add(&counts->binds, 1, __ATOMIC_RELAXED);
      if (mount(source, target, NULL, MS_BIND, NULL) == 0 && found(target)) continue;
      fprintf(stderr, "%s: %s\n", source, strerror(errno));
      refused = 1;
      __atomic_fetch_add(&counts->failed, 1, __ATOMIC_RELAXED);
    }
    long seen = -1;
    FILE *meminfo = fopen("/proc/meminfo", "r");
    if (meminfo == NULL || fscanf(meminfo, "MemTotal: %ld", &seen) != 1) fail("/proc/meminfo");
    fclose(meminfo);
    if (seen != kib && !refused) __atomic_fetch_add(&counts->wrong, 1, __ATOMIC_RELAXED);
    for (int file = 0; file < FILES; file++) {
      char target[64];
      snprintf(target, sizeof target, "/proc/%s", files[file]);
      umount2(target, MNT_DETACH);
    }
  }
}

int main(int count, char **arguments) {
  static char line[LINE_BYTES];
  int gate[2];
  struct counts *counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (count != 3 || pipe(gate) != 0 || counts == MAP_FAILED) fail("starting-together");
  while (fgets(line, sizeof line, stdin) != NULL) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child > 0) continue;
    close(gate[1]);
    contain(line, arguments[1], atoi(arguments[2]), gate[0], counts);
    exit(0);
  }
  sleep(1);
  close(gate[1]);
  int status, bad = 0;
  while (wait(&status) > 0) bad |= status != 0;
  printf("%ld %ld %ld\n", counts->binds, counts->failed, counts->wrong);
  return bad;
}
