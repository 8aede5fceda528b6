/** What a process does on a signal (include/linux/signal.h and include/asm-ia64/signal.h of 2.6.12). */
export const _NSIG = 64;

/** sa_handler: the default action. */
export const SIG_DFL = 0;
/** sa_handler: nothing happens. Any other value is the address of a function of the program. */
export const SIG_IGN = 1;

/* sa_flags. The others that exist do nothing in this model: no signal is ever blocked, and who steps a task calls again by himself. */
/** SIGCHLD: none for children that stop or go on. */
export const SA_NOCLDSTOP = 0x00000001;
/** SIGCHLD: children that exit leave no zombie. */
export const SA_NOCLDWAIT = 0x00000002;
/** The handler is for one delivery: SA_RESETHAND. */
export const SA_ONESHOT = 0x80000000;

/** struct sigaction, without the mask of signals to block while the handler runs. */
export interface Sigaction { readonly sa_handler: number; readonly sa_flags: number }
