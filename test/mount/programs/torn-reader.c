// torn-reader FILE SECONDS THREADS BUFFER[,BUFFER...]
//
// Threads that open, read and close FILE, laid out as /proc/stat, as fast as they can, each with one of the buffer sizes.
// Each whole reading must be one rendering: its "cpu" line is the sum of its "cpuN" lines, it ends with the line
// "softirq" and holds no NUL. Prints "READS DISTINCT TORN", and the first torn reading on stderr.

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_BYTES = 1 << 20, COLUMNS = 10, MAX_THREADS = 64 };

static const char *file;
static double seconds;
static int buffers[16], buffer_count;
static long reads[MAX_THREADS], distinct[MAX_THREADS], torn[MAX_THREADS];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static int whole(const char *text, size_t length) {
  long long total[COLUMNS] = {0}, sum[COLUMNS] = {0};
  if (length == 0 || text[length - 1] != '\n' || strlen(text) != length) return 0;
  if (strncmp(text, "cpu  ", 5) != 0) return 0;
  int ended = 0;
  for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
    if (strncmp(line, "softirq", 7) == 0) ended = 1;
    else if (ended) return 0;
    if (strncmp(line, "cpu", 3) != 0) continue;
    const char *at = strchr(line, ' ');
    long long *into = line[3] == ' ' ? total : sum;
    for (int column = 0; column < COLUMNS && at != NULL; column++) into[column] += strtoll(at, (char **)&at, 10);
  }
  return ended && memcmp(total, sum, sizeof total) == 0;
}

static void *reader(void *argument) {
  int thread = (int)(long)argument, size = buffers[thread % buffer_count];
  char *text = malloc(MAX_BYTES + 1), *before = calloc(1, MAX_BYTES + 1);
  for (double end = now() + seconds; now() < end;) {
    int fd = open(file, O_RDONLY);
    ssize_t count = 0;
    size_t length = 0;
    if (fd < 0) { perror(file); exit(2); }
    while (length + size <= MAX_BYTES && (count = read(fd, text + length, size)) > 0) length += count;
    if (count < 0) { perror(file); exit(2); }
    close(fd);
    text[length] = '\0';
    reads[thread]++;
    if (strcmp(text, before) != 0) distinct[thread]++;
    strcpy(before, text);
    if (whole(text, length)) continue;
    if (torn[thread]++ == 0) fprintf(stderr, "buffer %d, %zu bytes:\n%s\n", size, length, text);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 5) return 1;
  file = arguments[1];
  seconds = atof(arguments[2]);
  int threads = atoi(arguments[3]);
  for (char *size = strtok(arguments[4], ","); size != NULL; size = strtok(NULL, ",")) buffers[buffer_count++] = atoi(size);
  pthread_t ids[MAX_THREADS];
  for (long thread = 0; thread < threads; thread++) pthread_create(&ids[thread], NULL, reader, (void *)thread);
  long all[3] = {0};
  for (int thread = 0; thread < threads; thread++) {
    pthread_join(ids[thread], NULL);
    all[0] += reads[thread];
    all[1] += distinct[thread];
    all[2] += torn[thread];
  }
  printf("%ld %ld %ld\n", all[0], all[1], all[2]);
  return all[2] > 0;
}
