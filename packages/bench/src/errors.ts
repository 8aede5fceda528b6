/** What the caller can mend: a wrong argument, a file that is not as it should be. Exit code 2. */
export class Misuse extends Error {}
