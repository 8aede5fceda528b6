export const MANUAL = `QUILT(1)                               quilt 0.66                               QUILT(1)

NAME
       quilt - push and pop the patches of the running kernel

SYNOPSIS
       quilt push [-afqv] [--live] [num|patch]
       quilt pop [-aqv] [--live] [num|patch]
       quilt applied [patch]        quilt unapplied [patch]
       quilt top                    quilt next [patch]        quilt previous [patch]
       quilt series [-v]
       quilt diff [-P patch] [file ...]

DESCRIPTION
       The stack of patches is that of the kernel that runs. After push or pop the
       machine is booted with the new kernel: what is on its disks is still there, every
       process is gone, and the user is at a fresh prompt. With --live the kernel's
       functions are exchanged while everything goes on. That is refused, and nothing
       changes, when a task sleeps inside code that would be replaced; try again, or send
       the task on its way first.

       num is how many patches; patch a name, a beginning of one, or its number (p04).

       -a     all patches
       -f     push over trees that do not build. The one that is arrived at must.
       -q     do not name the files         -v     name the symbols too

       diff prints what the topmost patch, or the one of -P, changes: the functions
       of the kit before and after, by the kernel file they stand for. Line numbers
       are counted in each function.

EXIT STATUS
       As quilt's: 0; 1 for what cannot be done; 2 when there is nothing left to push
       or pop, or nothing to print.

NOTES
       Pushing and popping takes CAP_SYS_BOOT, as reboot() does. Between patch 9 and
       patch 10 lie two patches of the memory hotplug project with which the tree does not
       build: quilt push -a passes over them, and one step at a time does not get there.
       Exchanging a kernel under a running machine is the kit's; 2005's kernels had
       no live patching. quilt diff shows the kit's code, not the text of the mails.
`;
