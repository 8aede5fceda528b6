export const manual = `\
NAME
    numactl - run a program with a NUMA policy, give shared memory a policy, show the hardware

SYNOPSIS
    numactl [--all] [--interleave=NODES] [--preferred=NODE] [--membind=NODES]
            [--localalloc] [--cpunodebind=NODES] [--physcpubind=CPUS] COMMAND [ARG]...
    numactl --show
    numactl --hardware
    numactl [--length=BYTES] [--offset=BYTES] [--shmmode=MODE] [--shmid=ID] [--huge] [--strict]
            --shm=KEYFILE | --file=FILE  [POLICY] [--touch] [--dump] [--dump-nodes]

DESCRIPTION
    The options are carried out in their order, on numactl itself; then COMMAND takes its place
    and inherits policy and CPUs. Only one memory policy can be given.

    -i, --interleave=NODES   pages are taken from the nodes in turn
    -m, --membind=NODES      pages come from these nodes only
    -p, --preferred=NODE     pages come from this node as long as it has any
    -l, --localalloc         pages come from the node that the program runs on
    -N, --cpunodebind=NODES  run on the CPUs of these nodes (old: -c, --cpubind)
    -C, --physcpubind=CPUS   run on these CPUs
    -a, --all                NODES and CPUS that follow may lie outside the cpuset
    -b, --balancing          accepted; see NOTES
    -P, --preferred-many     refused; see NOTES
    -s, --show               print the policy and CPUs that a program started now would have
    -H, --hardware           print nodes, CPUs, memory and distances

  Lists
    Numbers and ranges with commas between (0-3,5), or all. With ! in front all others of those
    configured; with + in front numbers count within the cpuset. same is the list given last.

  Shared memory
    -S, --shm=KEYFILE   the System V segment whose key ftok(3) makes of KEYFILE; made if need be
    -f, --file=FILE     a file on tmpfs, such as /dev/shm/x; made if need be
    -I, --shmid=ID      number that goes into the key; default 0
    -L, --length=BYTES  how much to make or to work on (k, m and g may follow)
    -o, --offset=BYTES  where in the object to begin
    -M, --shmmode=MODE  permissions of what is made, octal; default 0600
    -t, --strict        refuse the policy when a page is already on another node
    -T, --touch         write to every page, so that it comes to be
    -V, --verify        touch, then check that every page has the policy and is where it says
    -d, --dump          print the policies of the pages
    -D, --dump-nodes    print the nodes of the pages
    The first five must stand before --shm or --file, a policy after it.

EXIT STATUS
    That of COMMAND; 1 when an option cannot be carried out; 0 otherwise.

NOTES
    Options and output are those of numactl 2.0.16. On this kernel:
    --localalloc uses MPOL_DEFAULT, as numactl did until 2.0.14: MPOL_LOCAL came with Linux 3.8.
    --preferred-many needs Linux 5.15. --balancing needs 3.8, and is passed over as on any kernel without it.
    --huge: the kernel is built without hugetlbfs, so that making such a segment fails.
    netdev:, file:, ip:, block: and pci: in lists need numa_node in sysfs (2.6.15) and are refused.
    2.6.12 shows "preferred" without a node as all nodes; so does --dump.
    --preferred on shared memory, and the nodes in --dump, are as later versions mended them;
    and --touch and --verify work with an --offset, which 2.0.16 refuses.

FILES
    /sys/devices/system/node/node*/{meminfo,cpumap,distance}, /proc/self/status

SEE ALSO
    numastat(8), migratepages(8), memhog(8), taskset(1)
`;
