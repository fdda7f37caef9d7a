// The only program of a container without anything else: says the first line of a file, or the error, again and again.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
  char text[256];
  for (;;) {
    for (int number = 1; number < count; number++) {
      int fd = open(arguments[number], O_RDONLY);
      ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
      text[length < 0 ? 0 : length] = 0;
      text[strcspn(text, "\n")] = 0;
      if (length < 0)
        dprintf(1, "%s: error %d\n", arguments[number], errno);
      else
        dprintf(1, "%s: %s\n", arguments[number], text);
      if (fd >= 0)
        close(fd);
    }
    usleep(20000);
  }
}
