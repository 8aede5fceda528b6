/**
 * Fault injection: things that go wrong in a race, by name. Each is an actor of its own: its step does the fault, at most once, or as often as `*TIMES` behind
 * it says; the search chooses when, and whether at all.
 *
 * | fault | what happens | simulated, modelled |
 * |---|---|---|
 * | `alloc-fail[:NTH]` | the next call of `__alloc_pages()`, or the NTH, finds no page | the callers are simulated; that memory is short is not: kswapd sleeps, the log is silent, `__GFP_NOFAIL` does not fail |
 * | `alloc-fail:nodeN` | the next one whose zonelist begins on node N | the same |
 * | `memory-pressure[:NODE]` | free frames of the node (default: all) are taken down to the low mark, its kswapd is woken; a later step gives them back | who takes them is modelled, as interrupt handlers do; reclaim is simulated |
 * | `node-offline:NODE` | `__remove_pages()` captures the largest block of frames at the end of the node | simulated, in trees with N1.0 and N1.1; a task without memory asks for it |
 * | `no-swap` | `swapoff()` of all areas before the race | simulated |
 * | `swap-read-error`, `swap-write-error` | from now on the swap devices fail to read, to write | the device is modelled (drivers/block), what the kernel makes of -EIO is simulated |
 * | `disk-error[:DEVICE]` | the device (default: all that are not swap) fails to read and to write | the same |
 * | `slow-disk[:MS]` | from now on a page takes MS ms (default 100) on every device | the same |
 * | `page-locked:TASK:ADDRESS` | somebody locks the page that the task has there; a later step unlocks it | who locks it is modelled: he holds a reference, as all do who lock a page, and does nothing with it |
 * | `page-writeback:TASK:ADDRESS` | the page is under writeback until a later step, if it belongs to a file or to the swap cache | nothing is written |
 * | `page-held:TASK:ADDRESS` | somebody has a reference to the page until a later step | as `get_user_pages()` gives for direct I/O |
 * | `kill:TASK[:SIGNAL]` | somebody sends it a signal (default SIGKILL) | simulated |
 * | `exit:TASK`, `fork:TASK`, `munmap:TASK:ADDRESS[:PAGES]`, `set_mempolicy:TASK:MODE[:NODES]` | the task itself makes the call, between two of its operations | simulated; the task's next step is its call's |
 * | `cpuset:TASK:NODES` | the cpuset of the task, which has had all nodes, has these only | simulated; before the race the task is moved into a cpuset of its own |
 *
 * A fault at which nobody is left to be harmed does not happen, so that each race also ends as if there were none. What has begun ends: a page is unlocked.
 */
export { drawFaults, withFaults } from './draw.js';
export { FAULT_NAMES, FaultError, parseFault, type Fault, type FaultName } from './syntax.js';
