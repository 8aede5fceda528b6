/** What random tests take from the environment, so that a failure can be run again; `npm run soak` sets it. */

/** The day on which -rc3 was posted. */
const SEED = 20_050_622;

/** A whole number from the environment; undefined when the variable is not set. @throws {RangeError} naming it */
export function fromEnvironment(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new RangeError(`${name}: expected a whole number, found '${text}'`);
  return value;
}

/** FC_SEED, or always the same one. */
export const firstSeed = (): number => fromEnvironment('FC_SEED') ?? SEED;
