// Answers to the kernel with the host's own files: what containers get when no server comes back.

#include "keeper.h"
#include <errno.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { RESEND = 7, REQUEST_BYTES = 16384, READDIR_BYTES = 65536, INDEX_BITS = 20, PAGE_BYTES = 4096, SLOT_BYTES = 8192 };
static const uint32_t INDEX_MASK = (1u << INDEX_BITS) - 1;
/** How old a number may be, and for how long the kernel believes it. */
static const uint64_t FRESH_MILLIS = 1000, FOR_EVER = UINT64_MAX;

static void reply(uint64_t unique, int error, const void *body, size_t length) {
  struct fuse_out_header out = {.len = sizeof out + length, .error = -error, .unique = unique};
  struct iovec parts[] = {{&out, sizeof out}, {(void *)body, length}};
  // ENOENT: nobody waits for it any more.
  if (writev(FUSE_FD, parts, 2) < 0) return;
}

/** Returns an error number. */
static int attributes(uint64_t nodeid, const struct node *node, struct fuse_attr *attr) {
  *attr = (struct fuse_attr){.ino = nodeid, .mode = node->permissions, .blksize = PAGE_BYTES, .nlink = 1};
  attr->mtime = time(NULL);
  attr->mode |= node->type;
  if (node->type == S_IFDIR) attr->nlink = 2;
  if (node->type == S_IFREG) {
    const struct snapshot *snapshot = snapshot_of(node, FRESH_MILLIS);
    if (snapshot == NULL) return errno == ENOENT ? ESTALE : EIO;
    attr->size = snapshot->length;
    attr->blocks = (attr->size + 511) / 512;
    attr->mtime = snapshot->taken_millis / 1000;
    attr->mtimensec = snapshot->taken_millis % 1000 * 1000000;
  }
  attr->atime = attr->ctime = attr->mtime;
  attr->atimensec = attr->ctimensec = attr->mtimensec;
  return 0;
}

static void getattr(const struct fuse_in_header *in, const struct node *node, const void *body) {
  struct fuse_attr_out out = {.attr_valid = 1};
  (void)body;
  int error = attributes(in->nodeid, node, &out.attr);
  reply(in->unique, error, &out, error ? 0 : sizeof out);
}

static void lookup(const struct fuse_in_header *in, const struct node *parent, const void *body) {
  struct fuse_entry_out out = {.attr_valid = 1};
  struct node node;
  char path[512];
  uint64_t container = in->nodeid >> INDEX_BITS;
  int known;
  if (parent->index == ROOT_INDEX) {
    known = node_of_name(body, &node);
  } else if (strcmp(parent->path, "containers") == 0) {
    container = strtoull(body, NULL, 10);
    known = container != 0 && node_of_index(VIEW_INDEX, &node);
  } else {
    snprintf(path, sizeof path, "%s/%s", strcmp(parent->path, "/") == 0 ? "" : parent->path, (const char *)body);
    known = node_of_path(path, &node);
  }
  out.nodeid = container << INDEX_BITS | (known ? node.index : 0);
  int error = known ? attributes(out.nodeid, &node, &out.attr) : ENOENT;
  reply(in->unique, error, &out, error ? 0 : sizeof out);
}

/** Whoever asks gets the host's files here: its own are no better. */
static void readlink_of(const struct fuse_in_header *in, const struct node *node, const void *body) {
  char target[64];
  (void)body;
  if (node->type != S_IFLNK) return reply(in->unique, EINVAL, NULL, 0);
  reply(in->unique, 0, target, snprintf(target, sizeof target, "host/%s", node->path));
}

static void read_file(const struct fuse_in_header *in, const struct node *node, const void *body) {
  const struct fuse_read_in *read = body;
  const struct snapshot *snapshot = snapshot_of(node, FOR_EVER);
  if (snapshot == NULL) return reply(in->unique, EIO, NULL, 0);
  size_t from = read->offset < snapshot->length ? read->offset : snapshot->length;
  size_t left = snapshot->length - from;
  reply(in->unique, 0, snapshot->bytes + from, left < read->size ? left : read->size);
}

static void readdir(const struct fuse_in_header *in, const struct node *node, const void *body) {
  static char listing[READDIR_BYTES];
  const struct fuse_read_in *read = body;
  size_t at = 0, room = read->size < sizeof listing ? read->size : sizeof listing;
  struct node child;
  for (uint64_t count = read->offset; child_of(node, count, &child); count++) {
    const char *slash = strrchr(child.path, '/'), *name = slash ? slash + 1 : child.path;
    size_t length = FUSE_NAME_OFFSET + strlen(name);
    if (at + FUSE_DIRENT_ALIGN(length) > room) break;
    struct fuse_dirent *entry = (struct fuse_dirent *)(listing + at);
    memset(entry, 0, FUSE_DIRENT_ALIGN(length));
    entry->ino = (in->nodeid & ~(uint64_t)INDEX_MASK) | child.index;
    entry->off = count + 1;
    entry->namelen = strlen(name);
    entry->type = child.type >> 12;
    memcpy(entry->name, name, entry->namelen);
    at += FUSE_DIRENT_ALIGN(length);
  }
  reply(in->unique, 0, listing, at);
}

static void statfs(const struct fuse_in_header *in, const struct node *node, const void *body) {
  struct fuse_statfs_out out = {.st = {.bsize = PAGE_BYTES, .frsize = PAGE_BYTES, .namelen = 255}};
  (void)node, (void)body;
  reply(in->unique, 0, &out, sizeof out);
}

/** The same that fuse/opcodes.ts serves; all else is answered ENOSYS there too, or comes only to file systems that write. */
static const struct {
  uint32_t opcode;
  void (*answer)(const struct fuse_in_header *, const struct node *, const void *);
  size_t body_bytes;
} ANSWERS[] = {
    {FUSE_LOOKUP, lookup, 2},
    {FUSE_READLINK, readlink_of, 0},
    {FUSE_GETATTR, getattr, sizeof(struct fuse_getattr_in)},
    {FUSE_READ, read_file, sizeof(struct fuse_read_in)},
    {FUSE_READDIR, readdir, sizeof(struct fuse_read_in)},
    {FUSE_STATFS, statfs, 0},
};
static const uint32_t UNANSWERED[] = {FUSE_FORGET, FUSE_BATCH_FORGET, FUSE_INTERRUPT, FUSE_DESTROY, FUSE_NOTIFY_REPLY};

static void answer(const struct fuse_in_header *in, size_t length) {
  struct node node;
  for (size_t at = 0; at < sizeof UNANSWERED / sizeof *UNANSWERED; at++)
    if (in->opcode == UNANSWERED[at]) return;
  for (size_t at = 0; at < sizeof ANSWERS / sizeof *ANSWERS; at++) {
    if (in->opcode != ANSWERS[at].opcode) continue;
    if (length < sizeof *in + ANSWERS[at].body_bytes) return reply(in->unique, EINVAL, NULL, 0);
    if (!node_of_index(in->nodeid & INDEX_MASK, &node)) return reply(in->unique, ESTALE, NULL, 0);
    return ANSWERS[at].answer(in, &node, in + 1);
  }
  reply(in->unique, in->opcode == FUSE_RELEASEDIR || in->opcode == FUSE_RELEASE ? 0 : ENOSYS, NULL, 0);
}

static union {
  struct fuse_in_header in;
  // One more than is read: a name is always terminated.
  char bytes[REQUEST_BYTES + 1];
} request;

void answer_request(void) {
  ssize_t length = read(FUSE_FD, request.bytes, REQUEST_BYTES);
  if (length < 0 && errno == ENODEV) exit(0);
  if (length < (ssize_t)sizeof request.in) return;
  request.bytes[length] = '\0';
  answer(&request.in, length);
}

/** Requests that a server read and did not answer: the kernel sends them again, before 6.9 the journal has them. */
void ask_again_for_unanswered(void) {
  struct fuse_out_header resend = {.len = sizeof resend, .error = RESEND};
  if (write(FUSE_FD, &resend, sizeof resend) >= 0) return;
  uint32_t none = 0;
  for (off_t at = 0; pread(JOURNAL_FD, request.bytes, SLOT_BYTES, at) > (ssize_t)sizeof request.in; at += SLOT_BYTES) {
    if (request.in.len < sizeof request.in || request.in.len > SLOT_BYTES) continue;
    request.bytes[request.in.len] = '\0';
    answer(&request.in, request.in.len);
    if (pwrite(JOURNAL_FD, &none, sizeof none, at) < 0) return;
  }
}
