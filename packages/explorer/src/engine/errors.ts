/** What a request asks for that cannot be: a mistake of who asks, told in a sentence. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

/** There is no machine on that side. */
export class NoMachine extends Error {
  override readonly name = 'NoMachine';
}
