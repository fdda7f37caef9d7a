// Answers to the kernel: with what the server showed last, or with the host's own files when no server comes back.

#include "keeper.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 512 * 1024, READDIR_BYTES = 65536, PAGE_BYTES = 4096, LATER = -1 };
/** How old the host's numbers may be, and for how long the kernel believes them. */
static const uint64_t FRESH_MILLIS = 1000, FOR_EVER = UINT64_MAX;
/** For how long it believes a rendering: nobody can tell it that a server has gone on with another. */
static const uint32_t STAND_IN_NANOS = 100 * 1000000;

/** Answers with an error number, 0 or LATER: the successor has to answer. */
typedef int answer_to(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents);

void reply(uint64_t unique, int error, const void *body, size_t length) {
  struct fuse_out_header out = {.len = sizeof out + length, .error = -error, .unique = unique};
  struct iovec parts[] = {{&out, sizeof out}, {(void *)body, length}};
  // ENOENT: nobody waits for it any more.
  if (writev(FUSE_FD, parts, 2) < 0) return;
}

static int answered(const struct fuse_in_header *in, const void *body, size_t length) {
  reply(in->unique, 0, body, length);
  return 0;
}

static uint64_t key_of(uint64_t nodeid) { return nodeid >> INDEX_BITS; }

static int rendered(uint64_t nodeid, struct fuse_attr *attr) {
  struct rendering rendering;
  if (!rendering_of(nodeid, &rendering)) return LATER;
  attr->size = rendering.length;
  attr->mtime = rendering.mtime_seconds;
  attr->mtimensec = rendering.mtime_nanos;
  return 0;
}

static int taken(const struct node *node, struct fuse_attr *attr) {
  const struct snapshot *snapshot = snapshot_of(node, FRESH_MILLIS);
  if (snapshot == NULL) return errno == ENOENT ? ESTALE : EIO;
  attr->size = snapshot->length;
  attr->mtime = snapshot->taken_millis / 1000;
  attr->mtimensec = snapshot->taken_millis % 1000 * 1000000;
  return 0;
}

static int attributes(uint64_t nodeid, const struct node *node, struct fuse_attr *attr, enum contents contents) {
  *attr = (struct fuse_attr){.ino = nodeid, .mode = node->type | node->permissions, .blksize = PAGE_BYTES, .nlink = 1};
  attr->mtime = time(NULL);
  int error = node->type != S_IFREG ? 0 : contents == HOST ? taken(node, attr) : rendered(nodeid, attr);
  if (node->type == S_IFDIR) attr->nlink = 2;
  attr->blocks = (attr->size + 511) / 512;
  attr->atime = attr->ctime = attr->mtime;
  attr->atimensec = attr->ctimensec = attr->mtimensec;
  return error;
}

static int getattr(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents) {
  struct fuse_attr_out out = {.attr_valid = contents == HOST, .attr_valid_nsec = contents == HOST ? 0 : STAND_IN_NANOS};
  (void)body;
  int error = attributes(in->nodeid, node, &out.attr, contents);
  return error ? error : answered(in, &out, sizeof out);
}

/** "cpu0" and so on: which of them a container sees, a server finds out. */
static int is_cpu(const struct node *node) {
  const char prefix[] = CPU_DIRECTORY "/cpu", *path = node->path;
  size_t length = sizeof prefix - 1;
  return node->type == S_IFDIR && strncmp(path, prefix, length) == 0 && strchr(path + length, '/') == NULL;
}

static int lookup(const struct fuse_in_header *in, const struct node *parent, const void *body, enum contents contents) {
  struct fuse_entry_out out = {.attr_valid = contents == HOST, .attr_valid_nsec = contents == HOST ? 0 : STAND_IN_NANOS};
  struct node node;
  char path[512];
  uint64_t key = key_of(in->nodeid);
  int known;
  if (parent->index == ROOT_INDEX) {
    known = node_of_name(body, &node);
  } else if (strcmp(parent->path, "containers") == 0) {
    if (contents == STAND_IN) return LATER;
    key = strtoull(body, NULL, 10);
    known = key != 0 && node_of_index(VIEW_INDEX, &node);
  } else {
    snprintf(path, sizeof path, "%s/%s", strcmp(parent->path, "/") == 0 ? "" : parent->path, (const char *)body);
    known = node_of_path(path, &node);
  }
  if (!known) return contents == STAND_IN ? LATER : ENOENT;
  if (contents == STAND_IN && is_cpu(&node)) return LATER;
  out.nodeid = key << INDEX_BITS | node.index;
  int error = attributes(out.nodeid, &node, &out.attr, contents);
  return error ? error : answered(in, &out, sizeof out);
}

/** Whose files a caller is led to, a server finds out; when none comes, the host's are as good as any. */
static int readlink_of(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents) {
  char target[64];
  (void)body;
  if (node->type != S_IFLNK) return EINVAL;
  if (contents == STAND_IN) return LATER;
  return answered(in, target, snprintf(target, sizeof target, "host/%s", node->path));
}

static int read_rendering(const struct fuse_in_header *in, const struct fuse_read_in *read) {
  static char bytes[READ_BYTES];
  struct rendering rendering;
  if (!rendering_of(in->nodeid, &rendering)) return LATER;
  size_t left = read->offset < rendering.length ? rendering.length - read->offset : 0;
  size_t length = left < read->size ? left : read->size;
  if (length > sizeof bytes) length = sizeof bytes;
  ssize_t count = length == 0 ? 0 : pread(STATE_FD, bytes, length, rendering.at + read->offset);
  return count < 0 ? LATER : answered(in, bytes, count);
}

static int read_file(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents) {
  const struct fuse_read_in *read = body;
  if (contents == STAND_IN) return read_rendering(in, read);
  const struct snapshot *snapshot = snapshot_of(node, FOR_EVER);
  if (snapshot == NULL) return EIO;
  size_t from = read->offset < snapshot->length ? read->offset : snapshot->length;
  size_t left = snapshot->length - from;
  return answered(in, snapshot->bytes + from, left < read->size ? left : read->size);
}

/** Which files a server has been told to serve is not known here, nor which CPUs a container sees. */
static int readdir(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents) {
  if (contents == STAND_IN && strncmp(node->path, CPU_DIRECTORY "/", sizeof CPU_DIRECTORY) != 0) return LATER;
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
    entry->ino = (in->nodeid & ~INDEX_MASK) | child.index;
    entry->off = count + 1;
    entry->namelen = strlen(name);
    entry->type = child.type >> 12;
    memcpy(entry->name, name, entry->namelen);
    at += FUSE_DIRENT_ALIGN(length);
  }
  return answered(in, listing, at);
}

static int statfs(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents) {
  struct fuse_statfs_out out = {.st = {.bsize = PAGE_BYTES, .frsize = PAGE_BYTES, .namelen = 255}};
  (void)node, (void)body, (void)contents;
  return answered(in, &out, sizeof out);
}

/** What holds for the whole connection from then on is for a server to say. */
static int agree(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents) {
  (void)in, (void)node, (void)body;
  return contents == STAND_IN ? LATER : ENOSYS;
}

static int release(const struct fuse_in_header *in, const struct node *node, const void *body, enum contents contents) {
  (void)node, (void)body, (void)contents;
  return answered(in, NULL, 0);
}

/** The same that fuse/opcodes.ts serves; all else is answered ENOSYS there too, or comes only to file systems that write. */
static const struct {
  uint32_t opcode;
  answer_to *answer;
  size_t body_bytes;
} ANSWERS[] = {
    {FUSE_LOOKUP, lookup, 2},
    {FUSE_GETATTR, getattr, sizeof(struct fuse_getattr_in)},
    {FUSE_READLINK, readlink_of, 0},
    {FUSE_READ, read_file, sizeof(struct fuse_read_in)},
    {FUSE_READDIR, readdir, sizeof(struct fuse_read_in)},
    {FUSE_STATFS, statfs, 0},
    {FUSE_INIT, agree, 0},
    {FUSE_OPEN, agree, 0},
    {FUSE_OPENDIR, agree, 0},
    {FUSE_RELEASE, release, 0},
    {FUSE_RELEASEDIR, release, 0},
};
static const uint32_t UNANSWERED[] = {FUSE_FORGET, FUSE_BATCH_FORGET, FUSE_INTERRUPT, FUSE_DESTROY, FUSE_NOTIFY_REPLY};

static int outcome_of(const struct fuse_in_header *in, size_t length, enum contents contents) {
  struct node node = {0};
  for (size_t at = 0; at < sizeof ANSWERS / sizeof *ANSWERS; at++) {
    if (in->opcode != ANSWERS[at].opcode) continue;
    if (length < sizeof *in + ANSWERS[at].body_bytes) return EINVAL;
    // INIT is of no node. One that is not known here is perhaps of a newer server.
    if (in->nodeid != 0 && !node_of_index(in->nodeid & INDEX_MASK, &node)) return contents == STAND_IN ? LATER : ESTALE;
    return ANSWERS[at].answer(in, &node, in + 1, contents);
  }
  return ENOSYS;
}

int answer(const struct fuse_in_header *in, size_t length, enum contents contents) {
  for (size_t at = 0; at < sizeof UNANSWERED / sizeof *UNANSWERED; at++)
    if (in->opcode == UNANSWERED[at]) return 1;
  int outcome = outcome_of(in, length, contents);
  if (outcome == LATER) {
    counts.left++;
    return 0;
  }
  if (outcome != 0) reply(in->unique, outcome, NULL, 0);
  counts.answered++;
  return 1;
}
