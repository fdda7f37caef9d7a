/* client read ... | client poll ...: each command is described where it is. */

#include "client.h"

#include <string.h>

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "read") == 0) return read_command(argc - 2, argv + 2);
  if (argc > 1 && strcmp(argv[1], "poll") == 0) return poll_command(argc - 2, argv + 2);
  die("Unknown command", argc > 1 ? argv[1] : "(none)");
}
