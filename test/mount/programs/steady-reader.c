// steady-reader own|changing|host MEM_TOTAL_KB FILE...
//
// Opens, reads and closes the files in a loop until SIGTERM. Every reading must succeed and be right: not empty, no NUL,
// a newline at the end; and as the file's name demands: meminfo begins with the MemTotal given, uptime never goes back, the
// "cpu" line of stat is the sum of its "cpuN" lines, cpuinfo has whole blocks; "changing": CPUs may come and go; "host":
// the files may be the host's. Prints "READS FAILED WRONG LONGEST_MILLIS", and the first ten failures on stderr; on SIGUSR1
// "so far READS LONGEST_MILLIS", once the next reading is done.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum shown { OWN, CHANGING, HOST };
enum { MAX_BYTES = 1 << 20, COLUMNS = 10, FIRST = 3, PAUSE_MICROS = 5000 };

static char text[MAX_BYTES + 1];
static size_t length;
static enum shown shown;
static long mem_total, reads, failed, wrong;
static volatile sig_atomic_t ended, asked;

static void end(int signal) { ended = signal; }

static void ask(int signal) { asked = signal; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static int read_whole(const char *file) {
  ssize_t count = 0;
  length = 0;
  int fd = open(file, O_RDONLY);
  if (fd < 0) return 0;
  while (length < MAX_BYTES && (count = read(fd, text + length, 4096)) > 0) length += count;
  int error = errno;
  close(fd);
  errno = error;
  text[length] = '\0';
  return count == 0;
}

static int right_meminfo(void) {
  long total = 0;
  return sscanf(text, "MemTotal: %ld kB", &total) == 1 && (shown == HOST || total == mem_total);
}

static int right_uptime(void) {
  static double before;
  double uptime = atof(text);
  int right = shown == HOST || uptime >= before;
  before = uptime;
  return right;
}

static int right_stat(void) {
  long long total[COLUMNS] = {0}, sum[COLUMNS] = {0};
  // The host's own columns are not sums to the digit: each CPU is read at another moment.
  if (shown == HOST) return strncmp(text, "cpu  ", 5) == 0;
  int whole = 0;
  for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
    whole = strncmp(line, "softirq ", 8) == 0;
    if (strncmp(line, "cpu", 3) != 0) continue;
    const char *at = strchr(line, ' ');
    long long *into = line[3] == ' ' ? total : sum;
    for (int column = 0; column < COLUMNS && at != NULL; column++) into[column] += strtoll(at, (char **)&at, 10);
  }
  // Time of a CPU that is not shown stays in the total.
  for (int column = 0; column < COLUMNS; column++)
    whole &= shown == CHANGING ? total[column] >= sum[column] : total[column] == sum[column];
  return whole;
}

/** Whole blocks, one a CPU, and all of as many lines as the first. */
static int right_cpuinfo(void) {
  long lines = 0, first = 0;
  for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
    if (*line != '\n') {
      lines++;
      continue;
    }
    if (first == 0) first = lines;
    if (lines == 0 || lines != first) return 0;
    lines = 0;
  }
  return first > 0 && lines == 0;
}

static const struct {
  const char *name;
  int (*right)(void);
} CHECKS[] = {{"/meminfo", right_meminfo}, {"/uptime", right_uptime}, {"/proc/stat", right_stat}, {"/cpuinfo", right_cpuinfo}};

static int right(const char *file) {
  if (length == 0 || text[length - 1] != '\n' || strlen(text) != length) return 0;
  for (size_t at = 0; at < sizeof CHECKS / sizeof *CHECKS; at++) {
    size_t named = strlen(CHECKS[at].name), whole = strlen(file);
    if (whole >= named && strcmp(file + whole - named, CHECKS[at].name) == 0) return CHECKS[at].right();
  }
  return 1;
}

int main(int count, char **arguments) {
  if (count < 4) return 2;
  struct sigaction action = {.sa_handler = end, .sa_flags = SA_RESTART};
  struct sigaction asking = {.sa_handler = ask, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &asking, NULL);
  shown = strcmp(arguments[1], "host") == 0 ? HOST : strcmp(arguments[1], "changing") == 0 ? CHANGING : OWN;
  mem_total = atol(arguments[2]);
  double longest = 0;
  for (int at = FIRST; !ended; at = at + 1 < count ? at + 1 : FIRST) {
    double began = now();
    int whole = read_whole(arguments[at]);
    double took = now() - began;
    reads++;
    if (took > longest) longest = took;
    int bad = !whole ? ++failed : right(arguments[at]) ? 0 : ++wrong;
    if (bad && failed + wrong <= 10)
      fprintf(stderr, "%s: %s\n%.300s\n", arguments[at], whole ? "wrong bytes" : strerror(errno), whole ? text : "");
    if (asked) {
      asked = 0;
      printf("so far %ld %.0f\n", reads, longest * 1000);
      fflush(stdout);
    }
    if (at == FIRST) usleep(PAUSE_MICROS);
  }
  printf("%ld %ld %ld %.0f\n", reads, failed, wrong, longest * 1000);
  return failed + wrong > 0;
}
