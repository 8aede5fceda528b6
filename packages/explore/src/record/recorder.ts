/** Records what steps of tasks read and write of the state that they share. One machine at a time is recorded, by the kernel printed for it. */
import { forgetOrders, recordOrders, setRecording } from './access.js';
import type { Footprint } from './footprint.js';
import { enterStep, ignore, nameAll } from './names.js';
import { clear, footprint } from './step.js';

export interface Recorder {
  /** Starts to record. Who (0…) takes his step number `local` (0…2^26-1): objects that it makes are named after both. */
  begin(actor: number, local: number): void;
  /** Stops, and says what was read and written since begin(). */
  end(): Footprint;
  /** Stops, for a step that was recorded before and is only taken again. */
  drop(): void;
  /** An object, or one field of it, is not recorded from now on. To be said before nameAll(): what only it leads to gets no name then. */
  ignore(o: object, field?: string): void;
  /** Numbers every object that can be reached from the root, and from the modules of the kernel. What has no number is not recorded. */
  nameAll(root: object): void;
}

export const recorder: Recorder = {
  begin(actor, local) {
    clear();
    forgetOrders();
    enterStep(actor, local);
    setRecording(true);
  },
  end() {
    setRecording(false);
    recordOrders();
    return footprint();
  },
  drop() {
    setRecording(false);
    recordOrders();
  },
  ignore,
  nameAll,
};
