/** Numbers as options take them. */
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** Reads a whole number that is not too small. */
export const atLeast = (least: number) => (text: string): number => {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
  return Number(text);
};
