import { FaultError, type Fault } from '../fault.js';

/** What is wrong with a file of /proc/PID, with what was read from it, or with a process that was written to JSON. */
export type ImportFault = Fault;

export class ImportError extends FaultError {
  override readonly name = 'ImportError';
}
