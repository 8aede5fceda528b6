export const MANUAL = `STRACE(1)                             strace 6.1                             STRACE(1)

NAME
       strace - trace system calls and signals

SYNOPSIS
       strace [-cfqT] [-t[t]] [-e EXPR]... [-o FILE] [-p PID]... [PROG [ARGS]]

DESCRIPTION
       Runs PROG and prints on standard error each system call that it makes, with
       its arguments by their names in the C library's headers, and what it returned;
       each signal that it gets; and how it ended.

OPTIONS
       -f, --follow-forks        trace children too; their lines begin with the pid
       -p, --attach=PID          trace a process that runs, until it ends
       -e [trace=]SET, --trace=SET
                                 only these calls: names with commas between, a ! in
                                 front for all but these, or one of the classes %file,
                                 %process, %memory, %signal, %ipc, %desc
       -c, --summary-only        count calls, errors and time instead
       -o, --output=FILE         write to FILE when all is over
       -t, -tt                   time of day in front of each line
       -T, --syscall-times       the time spent in each call
       -q, --quiet               no word of processes attached and detached

EXIT STATUS
       That of PROG; 1 when strace cannot do what it is told.

EXAMPLE
       $ strace -e migrate_pages migratepages 1234 5-8 1-4
       migrate_pages(1234, 4, {5, 6, 7, 8}, {1, 2, 3, 4}) = 512
       +++ exited with 0 +++

NOTES
       Times are simulated: a call that does not sleep takes none. The simulated
       kernel has no ptrace(): tracing does not slow down or disturb anything, and two
       may trace the same process. Bytes in user memory are not known to it, so they are
       printed as ""...; nor are argv and envp of execve(). SIGCHLD is printed only when
       it is caught. The arguments of migrate_pages() are those of the series of 2005;
       today's strace prints masks for the call of that name in 2.6.16 and later, which
       is another one. When nothing can happen any more strace -p detaches.
`;
