// What the parts of the keeper share: see keeper.c.

#ifndef KEEPER_H
#define KEEPER_H

#include <stddef.h>
#include <stdint.h>

/** Descriptors that whoever starts the keeper hands it. They are handed on in this order. */
enum { FUSE_FD = 3, STATE_FD = 4, JOURNAL_FD = 5, HELD_FDS = 3 };

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

/** Takes in the table of nodes, one a line: see session/keeper-table.ts. */
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

/** Answers requests with the host's files until `interrupted` returns true or the connection is gone. */
void ask_again_for_unanswered(void);
void answer_request(void);

#endif
