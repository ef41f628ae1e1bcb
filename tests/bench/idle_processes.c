// Makes a host look busy with processes that do nothing.
//
//   idle_processes COUNT
//
// Starts COUNT children that wait for ever, prints "ready", and ends with its parent, at the end of
// its standard input, or on a signal, whichever comes first; the children end with it.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char** argv) {
  const long count = argc == 2 ? atol(argv[1]) : -1;
  if (count < 0) {
    fprintf(stderr, "usage: idle_processes COUNT\n");
    return 2;
  }
  const pid_t self = getpid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  for (long i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child < 0) {
      perror("fork");
      return 1;
    }
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != self) _exit(0);  // the parent ended before that took effect
      close(STDIN_FILENO);
      close(STDOUT_FILENO);
      close(STDERR_FILENO);
      for (;;) pause();
    }
  }
  puts("ready");
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
