// Where the keeper reads requests to: its own part of the journal (session/journal.ts), behind those of the workers. The
// kernel itself writes each request there, so that none is lost, whoever dies. What is left for the successor stays.

#define _GNU_SOURCE
#include "keeper.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESEND = 7, SLOT_BYTES = 8192, SLOTS = 128, WORKER_SLOTS = 16 * 64 };
static const off_t OWN_AT = (off_t)WORKER_SLOTS * SLOT_BYTES, OWN_BYTES = (off_t)SLOTS * SLOT_BYTES;

struct counts counts;
int resends = 1;

static union slot {
  // `len` is 0 where the slot is free.
  struct fuse_in_header in;
  char bytes[SLOT_BYTES];
} *slots;
/** No slot behind these was ever taken by this process. */
static int touched;

static void open_inbox(void) {
  struct stat file;
  if (slots != NULL) return;
  if (fstat(JOURNAL_FD, &file) < 0 || (file.st_size < OWN_AT + OWN_BYTES && ftruncate(JOURNAL_FD, OWN_AT + OWN_BYTES) < 0))
    exit(1);
  slots = mmap(NULL, OWN_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, JOURNAL_FD, OWN_AT);
  if (slots == MAP_FAILED) exit(1);
}

/** Where the kernel sends requests again, the last slot may be read over. Looks at no more slots than it must: each is a page. */
static union slot *free_slot(void) {
  open_inbox();
  for (int at = 0; at < SLOTS; at++) {
    if (at >= touched) touched = at + 1;
    if (slots[at].in.len == 0) return slots + at;
  }
  return resends ? slots + SLOTS - 1 : NULL;
}

int has_room(void) { return free_slot() != NULL; }

/** Whether SIGKILL waits for a thread. */
static int is_being_killed(uint32_t thread) {
  char path[64], line[256];
  unsigned long long pending = 0;
  snprintf(path, sizeof path, "/proc/%u/status", thread);
  FILE *status = fopen(path, "re");
  if (status == NULL) return 0;
  while (fgets(line, sizeof line, status) != NULL && sscanf(line, "SigPnd: %llx", &pending) != 1) continue;
  fclose(status);
  return pending >> (SIGKILL - 1) & 1;
}

/** A signal comes for someone who waits for what was left. Who is being killed waits no longer; others must see no error. */
static void interrupt(uint64_t unique) {
  for (union slot *slot = slots; slot < slots + touched; slot++) {
    if (slot->in.len == 0 || slot->in.unique != unique || !is_being_killed(slot->in.pid)) continue;
    reply(unique, EINTR, NULL, 0);
    slot->in.len = 0;
  }
}

void answer_next(enum contents contents) {
  union slot *slot = free_slot();
  if (slot == NULL) return;
  ssize_t length = read(FUSE_FD, slot->bytes, SLOT_BYTES);
  if (length < 0 && (errno == ENODEV || errno == ECONNABORTED)) exit(0);
  if (length < (ssize_t)sizeof slot->in) {
    slot->in.len = 0;
    return;
  }
  if (length < SLOT_BYTES) slot->bytes[length] = '\0';
  if (slot->in.opcode == FUSE_INTERRUPT) {
    uint64_t unique = ((struct fuse_interrupt_in *)(&slot->in + 1))->unique;
    slot->in.len = 0;
    interrupt(unique);
  } else if (answer(&slot->in, length, contents)) slot->in.len = 0;
}

/** Of the journal's, workers' parts too: those that the keeper cannot answer stay where they are. */
static void answer_journal(enum contents contents) {
  static union slot request;
  const uint32_t none = 0;
  for (off_t at = 0; pread(JOURNAL_FD, &request.in, sizeof request.in, at) == sizeof request.in; at += SLOT_BYTES) {
    if (request.in.len < sizeof request.in || request.in.len > SLOT_BYTES) continue;
    size_t length = request.in.len;
    if (pread(JOURNAL_FD, request.bytes, length, at) != (ssize_t)length) return;
    if (length < SLOT_BYTES) request.bytes[length] = '\0';
    if (answer(&request.in, length, contents) && pwrite(JOURNAL_FD, &none, sizeof none, at) < 0) return;
  }
}

void answer_unanswered(enum contents contents) {
  struct fuse_out_header again = {.len = sizeof again, .error = RESEND};
  // What is left there comes again; and where the kernel cannot do that, nothing is.
  if (resends && write(FUSE_FD, &again, sizeof again) >= 0)
    fallocate(JOURNAL_FD, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, OWN_AT, OWN_BYTES);
  else resends = 0;
  if (!resends) answer_journal(contents);
}
