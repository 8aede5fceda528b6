import { FaultError, type Fault } from '../fault.js';

/** What a file says that no machine can be. */
export type TopologyFault = Fault;

export class TopologyError extends FaultError {
  override readonly name = 'TopologyError';
}

/** A value as an error shows it: quoted when it is text, cut when it is long. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
