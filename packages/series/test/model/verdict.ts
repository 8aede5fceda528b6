/** How a call goes on its way through the model: which defects are in force, which had a part, and how it ended early. */
import type { Call, DefectId, Outcome } from './situation.js';

const ENOMEM = 12;

/** The call is over. */
export class Ended extends Error {
  readonly result: number | 'died';
  constructor(result: number | 'died') {
    super(`migrate_pages(): ${result}`);
    this.result = result;
  }
}

export class Verdict {
  readonly #listed: ReadonlySet<DefectId>;
  readonly #call: Call;
  readonly #defects = new Set<DefectId>();
  #policies = 0;

  constructor(listed: ReadonlySet<DefectId>, call: Call) {
    this.#listed = listed;
    this.#call = call;
  }

  /** The point has come where a defect makes the difference. @returns whether the model is to follow it */
  decidedBy(defect: DefectId): boolean {
    if (!this.#listed.has(defect)) return false;
    this.#defects.add(defect);
    return true;
  }

  /** A new policy is allocated. @throws {Ended} when there is no memory for it */
  allocatesPolicy(): void {
    if (this.#policies++ === this.#call.noMemoryFor) throw new Ended(-ENOMEM);
  }

  outcome(result: number | 'died'): Outcome {
    return { result, defects: this.#defects };
  }
}
