/* The inside of a container, as a runtime makes it: cgroups, namespaces, a fresh /proc, files bound over it. */

#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

_Noreturn void die(const char *what, const char *subject) {
  int error = errno;
  fprintf(stderr, "%s %s: %s\n", what, subject, strerror(error));
  exit(1);
}

int clone_container(void) {
  fflush(NULL);
  /* Not unshare(2): a process may do that for its children once only, and there are hundreds. */
  int pid = (int)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
  if (pid < 0) die("Cannot clone", "a container");
  if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

static void enter_cgroup(const char *directory) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/cgroup.procs", directory);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  /* 0 is the writer itself, whatever its number in this pid namespace. */
  if (fd < 0 || write(fd, "0", 1) != 1) die("Cannot enter the cgroup", directory);
  close(fd);
}

/* A container that has read nothing from any disk has an empty /proc/diskstats, and an empty file counts as a failure.
   Where the root is on no disk, or takes no direct reads, there is nothing to be done. */
static void read_from_disk(void) {
  void *block;
  int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_DIRECT);
  if (fd < 0) return;
  if (posix_memalign(&block, 4096, 4096) == 0) {
    if (read(fd, block, 4096) < 0) errno = 0;
    free(block);
  }
  close(fd);
}

static void bind_file(const char *mount_directory, const char *file) {
  const unsigned long restricted = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  char source[PATH_MAX], target[PATH_MAX];
  snprintf(source, sizeof source, "%s/%s", mount_directory, file);
  snprintf(target, sizeof target, "/%s", file);
  if (mount(source, target, NULL, MS_BIND, NULL) != 0) die("Cannot bind", source);
  if (mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | restricted, NULL) != 0) die("Cannot restrict", target);
}

void become_container(char *cgroups, const char *mount_directory, char **files, int file_count) {
  char *rest;
  for (char *directory = strtok_r(cgroups, ",", &rest); directory; directory = strtok_r(NULL, ",", &rest))
    enter_cgroup(directory);
  read_from_disk();
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) die("Cannot make private", "/");
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) die("Cannot mount", "/proc");
  if (strcmp(mount_directory, "-") == 0) return;
  for (int i = 0; i < file_count; i++) bind_file(mount_directory, files[i]);
}
