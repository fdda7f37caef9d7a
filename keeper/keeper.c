// keeper SOCKET GRACE_SECONDS MOUNT_POINT MOUNT_NAMESPACE CGROUP... <table
//
// Keeps a FUSE connection alive while no agent runs: holds its descriptors, hands them to whoever connects to SOCKET as
// root. A connection that took them is a lease, for as long as it is open in any process.
//
// While no server answers the kernel, the keeper stands in: it answers with what was rendered last, and leaves the rest to
// the successor (answer.c, inbox.c). When there has been neither lease nor server for GRACE_SECONDS, nobody is coming: it
// detaches MOUNT_POINT and answers with the host's files, so that no reader hangs, until a successor takes over after all
// or the last container has gone. It ends with the connection.
//
// Messages, a line each, that never change:
//   take         answered by the note and the descriptors; whoever sends it is going to serve: the keeper is silent
//   join         the same, but the keeper stands in until it is told who serves
//   serving PID  that process serves from now on; answered once the keeper is silent. It stands in when the process ends
//   journal      the kernel must not be asked to send requests again: the journal has them
//   note TEXT    replaces the note
//   status       is answered by what the keeper does
//   drop         ends the keeper

#define _GNU_SOURCE
#include "keeper.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LISTENER, DEVICE, SERVER, FIRST_PEER, MAX_PEERS = 16, TABLE_BYTES = 64 * 1024, NOTE_BYTES = 1024 };
/** How long a message waits, at most, behind a read of the device that waits for a request that was taken back. */
enum { STAND_IN_TICK_MILLIS = 20, HOST_TICK_MILLIS = 200 };

static struct pollfd polled[FIRST_PEER + MAX_PEERS];
static int leases[FIRST_PEER + MAX_PEERS];
static int peer_count, lease_count, answering;
static enum contents contents;
static int64_t stand_in_since, stood_in_millis;
/** What had been counted when it last began to stand in. */
static struct counts counted_before;
static char note[NOTE_BYTES];
static const char *mount_point;
static int64_t grace_millis, deadline;

static int64_t now_millis(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void fail(const char *what) {
  fprintf(stderr, "procview keeper: %s: %s\n", what, strerror(errno));
  exit(1);
}

/** A read of the device that waits for a request that was taken back must not keep the socket waiting. */
static void set_ticking(long millis) {
  struct itimerval timer = {{0, millis * 1000}, {0, millis * 1000}};
  setitimer(ITIMER_REAL, &timer, NULL);
}

static void ticked(int signal) { (void)signal; }

static int stands_in(void) { return answering && contents == STAND_IN; }

static int server_lives(void) { return polled[SERVER].fd >= 0; }

static void forget_server(void) {
  if (server_lives()) close(polled[SERVER].fd);
  polled[SERVER].fd = -1;
}

/** Returns for how long it has stood in, in milliseconds. */
static int64_t be_silent(void) {
  int64_t millis = stands_in() ? now_millis() - stand_in_since : 0;
  stood_in_millis += millis;
  answering = 0;
  set_ticking(0);
  return millis;
}

static void start_answering(enum contents with) {
  be_silent();
  answering = 1;
  contents = with;
  if (with == STAND_IN) {
    stand_in_since = now_millis();
    counted_before = counts;
  } else umount2(mount_point, MNT_DETACH | UMOUNT_NOFOLLOW);
  set_ticking(with == STAND_IN ? STAND_IN_TICK_MILLIS : HOST_TICK_MILLIS);
  answer_unanswered(with);
}

static void stand_in(void) {
  if (!answering) start_answering(STAND_IN);
}

static void lease(int peer) {
  if (leases[peer]) return;
  leases[peer] = 1;
  lease_count++;
}

static void hand_over(int peer) {
  char control[CMSG_SPACE(HELD_FDS * sizeof(int))] = {0};
  char text[NOTE_BYTES + 8];
  struct iovec body = {text, snprintf(text, sizeof text, "%s\n", note)};
  struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(HELD_FDS * sizeof(int));
  memcpy(CMSG_DATA(rights), (int[]){FUSE_FD, STATE_FD, JOURNAL_FD}, HELD_FDS * sizeof(int));
  if (sendmsg(polled[peer].fd, &message, MSG_NOSIGNAL) > 0) lease(peer);
}

static void take(int peer) {
  forget_server();
  be_silent();
  hand_over(peer);
}

static void join(int peer) {
  resends = 1;
  hand_over(peer);
}

static void say(int peer, const char *text) { send(polled[peer].fd, text, strlen(text), MSG_NOSIGNAL); }

static void status(int peer) {
  char text[256];
  int64_t millis = stood_in_millis + (stands_in() ? now_millis() - stand_in_since : 0);
  snprintf(text, sizeof text, "pid=%d leases=%d answering=%d stands-in=%d stood-in-ms=%lld answers=%llu left=%llu\n", getpid(),
           lease_count, answering && contents == HOST, stands_in(), (long long)millis,
           (unsigned long long)counts.answered, (unsigned long long)counts.left);
  say(peer, text);
}

/** It may have ended already: then the keeper goes on standing in, and its supervisor starts another. */
static void serving(int peer, const char *pid) {
  char text[128];
  forget_server();
  polled[SERVER].fd = syscall(SYS_pidfd_open, atoi(pid), 0);
  if (!server_lives()) stand_in();
  struct counts since = {0};
  if (stands_in()) since = (struct counts){counts.answered - counted_before.answered, counts.left - counted_before.left};
  long long millis = server_lives() ? be_silent() : 0;
  snprintf(text, sizeof text, "stood-in-ms=%lld answers=%llu left=%llu\n", millis, (unsigned long long)since.answered,
           (unsigned long long)since.left);
  say(peer, text);
}

static void leave(int peer) {
  if (leases[peer] && --lease_count == 0) {
    deadline = now_millis() + grace_millis;
    if (!server_lives()) stand_in();
  }
  close(polled[peer].fd);
  peer_count--;
  polled[peer] = polled[FIRST_PEER + peer_count];
  leases[peer] = leases[FIRST_PEER + peer_count];
  leases[FIRST_PEER + peer_count] = 0;
}

static void obey(int peer, const char *text) {
  if (strcmp(text, "take") == 0) take(peer);
  else if (strcmp(text, "join") == 0) join(peer);
  else if (strncmp(text, "serving ", 8) == 0) serving(peer, text + 8);
  else if (strcmp(text, "journal") == 0) resends = 0;
  else if (strcmp(text, "status") == 0) status(peer);
  else if (strcmp(text, "drop") == 0) exit(0);
  else if (strncmp(text, "note ", 5) == 0) {
    memcpy(note, text + 5, strlen(text + 5) + 1);
    say(peer, "ok\n");
  }
}

/** Returns 0 where the peer has gone. */
static int listen_to(int peer) {
  char text[NOTE_BYTES];
  ssize_t length = recv(polled[peer].fd, text, sizeof text - 1, MSG_DONTWAIT);
  if (length <= 0) return length < 0 && (errno == EAGAIN || errno == EINTR);
  text[length] = '\0';
  char *rest = text;
  for (char *line; (line = strsep(&rest, "\n")) != NULL;) obey(peer, line);
  return 1;
}

/** Root alone, of the user namespace the keeper is in. */
static void admit(void) {
  struct ucred who;
  socklen_t size = sizeof who;
  int fd = accept4(polled[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  int root = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == 0;
  if (!root || peer_count == MAX_PEERS) {
    close(fd);
    return;
  }
  polled[FIRST_PEER + peer_count++] = (struct pollfd){fd, POLLIN, 0};
}

static void keep(void) {
  deadline = now_millis() + grace_millis;
  polled[SERVER] = (struct pollfd){-1, POLLIN, 0};
  for (;;) {
    int64_t left = deadline - now_millis();
    int waits = lease_count == 0 && !server_lives() && !(answering && contents == HOST);
    if (waits && left <= 0) {
      start_answering(HOST);
      continue;
    }
    polled[DEVICE] = (struct pollfd){FUSE_FD, answering && has_room() ? POLLIN : 0, 0};
    if (poll(polled, FIRST_PEER + peer_count, waits ? (int)left : -1) < 0) continue;
    if (polled[DEVICE].revents & (POLLERR | POLLHUP)) exit(0);
    for (int peer = FIRST_PEER + peer_count - 1; peer >= FIRST_PEER; peer--)
      if (polled[peer].revents != 0 && !listen_to(peer)) leave(peer);
    if (polled[SERVER].revents != 0) {
      deadline = now_millis() + grace_millis;
      forget_server();
      stand_in();
    }
    if (answering && polled[DEVICE].revents & POLLIN) answer_next(contents);
    if (polled[LISTENER].revents & POLLIN) admit();
  }
}

static int write_file(const char *directory, const char *name, const char *text) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  int written = fd >= 0 && write(fd, text, strlen(text)) > 0;
  if (fd >= 0) close(fd);
  return written;
}

/** Out of the agent's cgroup, so that what ends all of that spares this; where a cgroup takes nobody, into its parent. */
static void enter_cgroup(const char *directory) {
  char parent[512];
  mkdir(directory, 0755);
  if (write_file(directory, "cgroup.procs", "0")) return;
  rmdir(directory);
  snprintf(parent, sizeof parent, "%s", directory);
  char *slash = strrchr(parent, '/');
  if (slash != NULL) *slash = '\0';
  if (!write_file(parent, "cgroup.procs", "0")) fprintf(stderr, "procview keeper: %s: %s\n", directory, strerror(errno));
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  unlink(path);
  umask(0177);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 8) < 0) fail(path);
  return fd;
}

static void enter_mount_namespace(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns(fd, CLONE_NEWNS) < 0) fail(path);
  close(fd);
}

static void read_table(void) {
  static char text[TABLE_BYTES];
  size_t length = 0;
  for (ssize_t count; (count = read(0, text + length, sizeof text - 1 - length)) > 0;) length += count;
  load_table(text);
}

static void become_daemon(void) {
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child > 0) _exit(0);
  setsid();
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  if (null > JOURNAL_FD) close(null);
}

int main(int count, char **arguments) {
  if (count < 5) return 2;
  struct sigaction tick = {.sa_handler = ticked};
  sigaction(SIGALRM, &tick, NULL);
  signal(SIGPIPE, SIG_IGN);
  read_table();
  if (*arguments[4] != '\0') enter_mount_namespace(arguments[4]);
  if (chdir("/") < 0) fail("/");
  for (int at = 5; at < count; at++) enter_cgroup(arguments[at]);
  prctl(PR_SET_NAME, "procview-keeper");
  write_file("/proc/self", "oom_score_adj", "-1000");
  grace_millis = atof(arguments[2]) * 1000;
  mount_point = arguments[3];
  polled[LISTENER] = (struct pollfd){listen_at(arguments[1]), POLLIN, 0};
  become_daemon();
  keep();
}
