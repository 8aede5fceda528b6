export const MANUAL = `WORKLOAD(1)                      Programs of the kit                      WORKLOAD(1)

NAME
       workload - map and touch memory as told on the command line

SYNOPSIS
       workload [-rsSv] [-n ROUNDS] [-t MS] [-p PROCESSES] [-f CHILDREN]
                [-T THREADS] [-N NODES] [-P POLICY] MAPPING...

DESCRIPTION
       Makes the mappings in the order given, touches them round by round, and
       ends. Everything is done by system calls and by accesses of the process
       itself, so its policy, its cpuset, its CPU and its limits decide.

       A MAPPING is KIND[:WHAT][:SIZE][:ATTRIBUTE]...  SIZE is in bytes, or has
       one of the suffixes k, m, g, or p for pages; it is rounded up to pages.

       anon:SIZE          private anonymous memory
       shared:SIZE        shared anonymous memory
       heap:SIZE          the heap, by brk()
       stack:SIZE         the stack grows that far; page 0 is the topmost one
       guard:SIZE         memory that nobody may touch (PROT_NONE)
       file:PATH[:SIZE]   a file, shared unless an attribute says private; one
                          that is not there, or is too short, is made SIZE long.
                          PATH has a / in it; it may be below /dev/shm.
       text:PATH[:SIZE]   a program or library, mapped to be executed
       shm:KEY:SIZE       the SysV segment of that key, made if there is none;
                          KEY private makes one for this process and its children

   Attributes
       write[=PAGES], read[=PAGES]
              Accesses, in the order given. Without any, what can be written is
              written and the rest is read. PAGES is all, half (the first half),
              first/N, every/N (each N-th), random/N[/SEED] (N pages picked
              anew in every round) or share (the part of this process or thread
              among all of them).
       untouched
              No access.
       once   Accesses in the first round only.
       ro     Mapped for reading only.
       private, shared
              Of a file.
       lock   mlock() before it is touched.
       bind=NODES, interleave=NODES, prefer=NODE, default
              mbind() with that policy before it is touched.
       migrate, no-migrate, migrate-default
              mbind() with MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE or
              MPOL_MF_MMIGRATE_DEFAULT, which patch 6 brings.

OPTIONS
       -n, --rounds=ROUNDS     rounds of accesses, or forever; default 1
       -t, --period=MS         simulated time after each round; default 10
       -s, --sleep             sleep for that time; default is to compute
       -S, --stay              after the last round sleep on, for 30 days
       -r, --report            print the addresses of the mappings
       -v, --verify            after each period read what was touched, and say
                               how many pages hold something else than was read
                               or written there last. Exit code 1 if any does.
       -p, --processes=N       N processes, each with mappings of its own
       -f, --fork=N            after the first round fork N children, who have
                               the mappings in common with their parent
       -T, --threads=N         N threads more, who touch what the process mapped
       -N, --nodes=NODES       process i runs on a CPU of the i-th of these
                               nodes, round robin
       -P, --policy=POLICY     set_mempolicy() first: bind=NODES,
                               interleave=NODES, prefer=NODE or default

EXIT STATUS
       0 when all went well, 1 when a system call failed or contents differed, 2
       for a command line that cannot be understood.

EXAMPLES
       The job of the overview in small: eight processes on nodes 5 to 8 with
       memory of their own, a table that all read, a result file and a segment
       that each writes its part of, and a state file mapped privately:

       $ workload -n forever -p 8 -N 5-8 anon:1m file:/data/table:256k:ro \\
             file:/data/result:256k:write=share shm:0x6a6f62:256k:write=share \\
             file:/data/state:256k:private:read:write=half heap:64k &

       Does a migration lose anything?

       $ workload -v -n 20 -N 1 anon:4m &
       $ migratepages $! 1 3
       $ wait $!

NOTES
       The simulated machine does not know bytes: a store leaves a fresh token in
       its page, and --verify compares tokens. In shared memory it knows what its
       own processes wrote, as a program would that writes what can be computed.
       The addresses of a stack are where the process began; the kernel sees the
       same faults as of a program that calls itself.
`;
