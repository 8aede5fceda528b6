/** What is known of signals by their numbers. */
import { SIGCHLD, SIGCONT } from '../include/linux/sched.js';

const SIGURG = 23;
const SIGWINCH = 28;

/** sig_kernel_ignore(): the default action is to do nothing. */
export const ignoredByDefault = (sig: number): boolean => sig === SIGCONT || sig === SIGCHLD || sig === SIGWINCH || sig === SIGURG;
