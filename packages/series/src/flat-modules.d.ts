/** What the build prints for each level. */
declare module '#flat/*' {
  export class FlatKernel {
    constructor(table: object);
    readonly m: object;
    static readonly unbounded: ReadonlySet<string>;
  }
}
