// What the parts of the keeper share: see keeper.c.

#ifndef KEEPER_H
#define KEEPER_H

#include <linux/fuse.h>
#include <stddef.h>
#include <stdint.h>

/** Descriptors that whoever starts the keeper hands it. They are handed on in this order. */
enum { FUSE_FD = 3, STATE_FD = 4, JOURNAL_FD = 5, HELD_FDS = 3 };

/** A node id is the container's key and, in these low bits, the index of the file: vfs/node-id.ts. */
enum { INDEX_BITS = 20 };
static const uint64_t INDEX_MASK = (1u << INDEX_BITS) - 1;

#define CPU_DIRECTORY "/sys/devices/system/cpu"

/** What stands at the root of the mount, and at the root of a view (contract/virtual-files.ts). */
enum { ROOT_INDEX = 1, VIEW_INDEX = 13 };

/**
 * Path of a node on the host, for example "/proc/meminfo"; of what stands at the root of the mount, its name. `type` is
 * S_IFREG, S_IFDIR or S_IFLNK.
 */
struct node {
  uint32_t index;
  unsigned type, permissions;
  char path[160];
};

/** Takes in the table of nodes, one a line: see node-agent/keeper/node-table.ts. */
void load_table(char *text);
/** Returns 0 where the table has no such index, or a path, or this host no such file. */
int node_of_index(uint32_t index, struct node *node);
int node_of_path(const char *path, struct node *node);
/** As node_of_path(), of what stands at the root of the mount. */
int node_of_name(const char *name, struct node *node);
/** The `count`th child of a directory, in an order that never changes. Returns 0 behind the last. */
int child_of(const struct node *directory, uint64_t count, struct node *child);

struct snapshot {
  uint32_t index;
  char *bytes;
  size_t length, room;
  /** Of CLOCK_REALTIME. */
  uint64_t taken_millis;
};

/** What the host's file held lately, taken anew where it is older than `max_age_millis`; NULL with errno. */
const struct snapshot *snapshot_of(const struct node *node, uint64_t max_age_millis);

/** What a server showed last of one file to one container: its place in the state file, and what the kernel was told. */
struct rendering {
  int64_t at;
  uint32_t length;
  uint64_t mtime_seconds;
  uint32_t mtime_nanos;
};

/** Returns 0 where there is none that may still be shown. */
int rendering_of(uint64_t nodeid, struct rendering *rendering);

/** What an answer is made of. STAND_IN: the last renderings, until a server goes on. HOST: the host's files. */
enum contents { STAND_IN, HOST };

/** Answers one request, or returns 0: it is left to the successor. */
int answer(const struct fuse_in_header *in, size_t length, enum contents contents);
/** Sends one answer: an error number, or 0 and a body. */
void reply(uint64_t unique, int error, const void *body, size_t length);

struct counts {
  uint64_t answered, left;
};
extern struct counts counts;

/** Whether the kernel sends requests again that were read and not answered; else the journal has them. */
extern int resends;
/** Answers what was read and not answered, by whomever; what is left is kept for the successor. */
void answer_unanswered(enum contents contents);
/** Whether one more request can be read and left. */
int has_room(void);
/** Reads one request and answers it or leaves it. */
void answer_next(enum contents contents);

#endif
