export const manual = `\
NAME
    numastat - memory of nodes and processes, node by node

SYNOPSIS
    numastat
    numastat [-c] [-m] [-n] [-p PID|PATTERN] [-s[NODE]] [-v] [-V] [-z] [PID|PATTERN]...

DESCRIPTION
    Without anything on the command line numastat prints the kernel's counters of page
    allocations, in pages:

    numa_hit        allocated on this node, as intended
    numa_miss       allocated here although another node was wanted
    numa_foreign    wanted from here, but allocated elsewhere
    interleave_hit  allocated here as intended by an interleave policy
    local_node      allocated here by a process that ran here
    other_node      allocated here by a process that ran elsewhere

    With any option all numbers are in MB, and there is a column with the total.

    -n              these counters
    -m              the nodes' meminfo
    -p PID|PATTERN  memory of a process, or of all whose name or command line contains PATTERN:
                    huge pages, heap, stack and the rest for one, a line each for several
    -v              for several processes a table each
    -c              narrow columns, whole MB
    -s[NODE]        sort descending by the total, or by the column of NODE
    -z              leave out rows and columns of zeros
    -V              print the version

ENVIRONMENT
    NUMASTAT_WIDTH  characters on a line; more columns are printed below. Default: one line.

EXIT STATUS
    0, or 1 for wrong use and files that are missing. A process that is not there is no error.

NOTES
    As in numactl 2.0.16. -s NODE means the node of that number, also where numbers have gaps.

FILES
    /sys/devices/system/node/node*/{numastat,meminfo}
    /proc/PID/numa_maps (Linux 2.6.14), /proc/PID/{status,cmdline}

SEE ALSO
    numactl(8), migratepages(8)
`;
