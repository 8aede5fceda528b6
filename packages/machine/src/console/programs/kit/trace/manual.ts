export const MANUAL = `TRACE(1)                         Programs of the kit                         TRACE(1)

NAME
       trace - trace the functions of the kernel, with the patch of each

SYNOPSIS
       trace [-ac] [-g FUNCTION]... [-d DEPTH] [-l LINES] [-o FILE] [--json chrome]
             COMMAND [ARGUMENT]...

DESCRIPTION
       Runs COMMAND and prints on standard error what the kernel goes through for it and
       its children, as ftrace's function_graph tracer does: CPU, time, calls by
       depth. Behind each function stands the package of the tree or patch whose version
       of it ran.

OPTIONS
       -g, --graph=FUNCTION   only what FUNCTION calls (several may be given)
       -d, --depth=DEPTH      so many levels of calls
       -a, --args             print arguments and results
       -c, --count            only how often each function was called
       -l, --limit=LINES      print so many lines at most; default 5000. How many more there
                              were is said at the end
       -o, --output=FILE      write to FILE
       --json=chrome          for the trace viewers of browsers; ts counts events

EXIT STATUS
       That of COMMAND; 2 when the command line cannot be understood.

EXAMPLE
       $ trace -g sys_migrate_pages -d 2 migratepages 1234 1 3

NOTES
       Times are simulated: only what sleeps takes any. Faults of COMMAND are traced like
       its system calls. While the trace runs the functions of the kernel's table
       report and call on; afterwards the table is as before. A call of a small function that the
       kit writes out where it is needed, as a compiler does, is not seen.
`;
