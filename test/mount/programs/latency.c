// latency FILE COUNT PAUSE_MICROS: opens, reads and closes FILE so many times. Prints "P50 P99 MAX" in microseconds.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double micros(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **arguments) {
  if (argc != 4) return 1;
  int count = atoi(arguments[2]);
  static char text[1 << 16];
  double *took = malloc(count * sizeof *took);
  for (int at = 0; at < count; at++) {
    double begun = micros();
    int fd = open(arguments[1], O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text) <= 0) {
      perror(arguments[1]);
      return 1;
    }
    close(fd);
    took[at] = micros() - begun;
    usleep(atoi(arguments[3]));
  }
  qsort(took, count, sizeof *took, ascending);
  printf("%.0f %.0f %.0f\n", took[count / 2], took[count * 99 / 100], took[count - 1]);
  return 0;
}
