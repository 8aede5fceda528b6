/** exit(3) from deep inside a program of this family; see program(). */
import type { Process } from '../../process.js';
import type { Program } from '../../program.js';

/** Thrown by who has printed all there is to say. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly code: number;
  constructor(code: number) {
    super(`exit(${code})`);
    this.code = code;
  }
}

/** A program whose code may throw Exit. */
export function program(init: Program): Program {
  return {
    ...init,
    async run(p: Process): Promise<number> {
      try {
        return await init.run(p);
      } catch (error) {
        if (error instanceof Exit) return error.code;
        throw error;
      }
    },
  };
}
