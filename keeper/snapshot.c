// What a file of the host holds, kept for a while: READ must return the bytes whose count GETATTR told.

#include "keeper.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SNAPSHOTS = 64, FIRST_BYTES = 4096, MAX_BYTES = 4 << 20 };

static struct snapshot snapshots[SNAPSHOTS];

static uint64_t now_millis(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** The one of that file, else the oldest. */
static struct snapshot *place_for(uint32_t index) {
  struct snapshot *oldest = snapshots;
  for (struct snapshot *at = snapshots; at < snapshots + SNAPSHOTS; at++) {
    if (at->index == index) return at;
    if (at->taken_millis < oldest->taken_millis) oldest = at;
  }
  return oldest;
}

/** /proc tells no size: read until nothing comes. */
static int take(struct snapshot *into, int fd) {
  into->length = 0;
  for (;;) {
    if (into->length == into->room) {
      size_t room = into->room == 0 ? FIRST_BYTES : into->room * 2;
      char *bytes = room > MAX_BYTES ? NULL : realloc(into->bytes, room);
      if (bytes == NULL) return 0;
      into->bytes = bytes;
      into->room = room;
    }
    ssize_t count = read(fd, into->bytes + into->length, into->room - into->length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    into->length += count;
  }
}

const struct snapshot *snapshot_of(const struct node *node, uint64_t max_age_millis) {
  struct snapshot *place = place_for(node->index);
  uint64_t now = now_millis();
  if (place->index == node->index && now - place->taken_millis <= max_age_millis) return place;
  int fd = open(node->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  place->index = 0;
  int whole = take(place, fd);
  close(fd);
  if (!whole) return NULL;
  place->index = node->index;
  place->taken_millis = now;
  return place;
}
