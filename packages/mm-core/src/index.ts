/** The public API of the simulated kernel: link it, boot it, run tasks on it, look at it. */
export { base, type K, type Kernel0 } from './kernel-table.js';
export { createMachine, newListHead, releaseListHead } from './machine.js';
export type { Capture, FrameLeft, KernelConfig, KernelPath, KernelThread, Lockdep, Machine, MachineConfig, PageState, Pagevec, PdflushWork, PendingIo, RadixStore, ShmSegment } from './machine.js';
export { BAD_POINTER, type PageOrErr, type UserU32Array } from './include/linux/misc.js';
export { NULL_PAGE, type ListHead, type Page } from './include/linux/types.js';
export type { AddressSpaceOperations } from './include/linux/fs.js';
export type { Mm, Vma } from './include/linux/mm_types.js';
export type { Zone } from './include/linux/mmzone.js';
export type { Task } from './include/linux/sched.js';
export type { MaySleep } from './include/linux/wait.js';
export type { Calls } from '@pmkit/linker';
export { baseSeries, boot, start, type Kernel } from './sim/boot.js';
export {
  advanceTime, finishPath, newPath, nextIoDue, passTime, returnToUser, run, runKernel, runWoken, settle, stepOthers, stepPath, timeoutOf, waitInWords, waitIsOver,
  type Driven, type Outcome,
} from './sim/run.js';
export { DRIVER_HANDLER, takeCaught } from './sim/handlers.js';
export { enterSyscall, NO_RESULT, syscall, syscallNumbers, syscallOutcome, type SyscallKernel } from './sim/syscalls.js';
export { spawn, type SpawnKernel, type SpawnOptions } from './sim/tasks.js';
export { isrOf, load, residentPage, store, touch, tryAccess, type FaultKernel } from './sim/user.js';
