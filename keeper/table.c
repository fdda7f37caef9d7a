// Which node is which path of the host. A row is "INDEX TYPE PERMISSIONS PATH": type d or f; D or F for what stands below
// every cpuN, whose index counts from cpuN's own (contract/cpu-files.ts); t for what stands at the root of the mount, whose
// path is a name, and l for the symbolic links there.

#include "keeper.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CPU_DIRECTORY "/sys/devices/system/cpu"
enum { CPU_NODE_BASE = 4096, CPU_NODE_STRIDE = 256, MAX_CPUS = 8192, MAX_ROWS = 512 };

static struct row {
  uint32_t index;
  char type;
  unsigned permissions;
  const char *path;
} rows[MAX_ROWS];
static int row_count;

void load_table(char *text) {
  for (char *line = strtok(text, "\n"); line != NULL && row_count < MAX_ROWS; line = strtok(NULL, "\n")) {
    struct row *row = &rows[row_count];
    int path_at = 0;
    if (sscanf(line, "%u %c %o %n", &row->index, &row->type, &row->permissions, &path_at) < 3) continue;
    row->path = line + path_at;
    row_count++;
  }
}

static int per_cpu(const struct row *row) { return row->type == 'D' || row->type == 'F'; }
static int at_root(const struct row *row) { return row->type == 't' || row->type == 'l'; }

static int fill(const struct row *row, long cpu, struct node *node) {
  node->index = row->index + (per_cpu(row) ? CPU_NODE_BASE + cpu * CPU_NODE_STRIDE : 0);
  node->type = row->type == 'l' ? S_IFLNK : row->type == 'f' || row->type == 'F' ? S_IFREG : S_IFDIR;
  node->permissions = row->permissions;
  if (per_cpu(row)) snprintf(node->path, sizeof node->path, CPU_DIRECTORY "/cpu%ld%s", cpu, row->path);
  else snprintf(node->path, sizeof node->path, "%s", row->path);
  // What stands at the root of the mount is ours alone.
  return at_root(row) || access(node->path, F_OK) == 0;
}

int node_of_index(uint32_t index, struct node *node) {
  long cpu = index < CPU_NODE_BASE ? -1 : (long)(index - CPU_NODE_BASE) / CPU_NODE_STRIDE;
  uint32_t own = cpu < 0 ? index : (index - CPU_NODE_BASE) % CPU_NODE_STRIDE;
  for (int at = 0; at < row_count; at++)
    if (rows[at].index == own && per_cpu(&rows[at]) == (cpu >= 0)) return fill(&rows[at], cpu, node);
  return 0;
}

int node_of_path(const char *path, struct node *node) {
  long cpu = -1;
  int rest = 0;
  if (sscanf(path, CPU_DIRECTORY "/cpu%ld%n", &cpu, &rest) == 1 && (cpu < 0 || cpu >= MAX_CPUS)) return 0;
  for (int at = 0; at < row_count; at++) {
    const char *own = per_cpu(&rows[at]) ? (cpu < 0 ? NULL : path + rest) : path;
    if (own != NULL && strcmp(rows[at].path, own) == 0) return fill(&rows[at], cpu, node);
  }
  return 0;
}

int node_of_name(const char *name, struct node *node) {
  for (int at = 0; at < row_count; at++)
    if (at_root(&rows[at]) && rows[at].index != ROOT_INDEX && strcmp(rows[at].path, name) == 0)
      return fill(&rows[at], -1, node);
  return 0;
}

static int child_of_root(uint64_t count, struct node *child) {
  for (int at = 0; at < row_count; at++)
    if (at_root(&rows[at]) && rows[at].index != ROOT_INDEX && count-- == 0) return fill(&rows[at], -1, child);
  return 0;
}

static int is_child(const char *directory, const char *path) {
  size_t length = strcmp(directory, "/") == 0 ? 0 : strlen(directory);
  return strncmp(directory, path, length) == 0 && path[length] == '/' && path[length + 1] != '\0' &&
         strchr(path + length + 1, '/') == NULL;
}

int child_of(const struct node *directory, uint64_t count, struct node *child) {
  long first = -1, last = -1;
  if (directory->index == ROOT_INDEX) return child_of_root(count, child);
  if (strcmp(directory->path, CPU_DIRECTORY) == 0) last = MAX_CPUS - 1;
  if (sscanf(directory->path, CPU_DIRECTORY "/cpu%ld", &first) == 1) last = first;
  if (first < 0) first = 0;
  for (int at = 0; at < row_count; at++)
    for (long cpu = per_cpu(&rows[at]) ? first : -1; cpu <= (per_cpu(&rows[at]) ? last : -1); cpu++) {
      int there = fill(&rows[at], cpu, child);
      // CPUs are numbered from 0 with few gaps: behind 64 that are not there, there are none.
      if (!there && cpu > first + 64 && rows[at].path[0] == '\0') break;
      if (there && is_child(directory->path, child->path) && count-- == 0) return 1;
    }
  return 0;
}
