/* The benchmark's reader: what a program in a container does with /proc, without a runtime of its own to get in the way. */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* Ends the process with a message; the harness shows it. */
_Noreturn void die(const char *what, const char *subject);

uint64_t now_nanos(void);

/* Until now_nanos() tells that. */
void sleep_until(uint64_t nanos);

/* clone(2) into new pid and mount namespaces: 0 in the child, which dies with its parent. */
int clone_container(void);

/* To be called in the child: enters the cgroups (directories, separated by commas), mounts a /proc of its own and binds
   the files of a mount over the kernel's. The cgroups come first: whose view a file shows is settled when its path is
   walked. "-" for the mount leaves the kernel's own files. */
void become_container(char *cgroups, const char *mount, char **files, int file_count);

/* open, read to the end in pieces of 64 KiB, close. Returns the nanoseconds it took, or 0 and errno where it failed;
   an empty file is a failure. */
uint64_t read_once(const char *path, uint64_t *bytes);

int compare_nanos(const void *a, const void *b);

/* The value that `percent` of the sorted samples do not exceed; 0 where there is none. */
uint32_t percentile(const uint32_t *sorted, size_t count, unsigned percent);

int read_command(int argc, char **argv);
int poll_command(int argc, char **argv);
