/**
 * An ELF file as execve() and ld.so see it, described instead of encoded: sizes in pages and names. File offset 0 is text, the
 * initialised data follows it.
 *
 *     file    | text r-x | data rw- |
 *     memory  | text r-x | gap ---- | data rw- | bss rw- |      a library: one block, as the linker laid it out
 *             | text r-x | at 0x4000…   | data rw- | bss rw- | at 0x6000…     a program (ET_EXEC)
 */
export interface ElfProgram {
  readonly e_type: 'ET_EXEC' | 'ET_DYN';
  readonly text: number;
  readonly data: number;
  readonly bss: number;
  /** Pages between text and data of an ET_DYN file: ia64 linkers align segments to 64 KB. ld.so leaves them PROT_NONE. */
  readonly gap: number;
  /** PT_INTERP: path of the dynamic linker; null for a static program, and for ld.so itself. */
  readonly interp: string | null;
  /** DT_NEEDED as paths, in load order, each once. */
  readonly needed: readonly string[];
  /** Files that start-up maps read-only and keeps, such as a locale archive. */
  readonly locale: readonly string[];
  /** Pages at the start of data that relocation writes; the rest is touched only by the program itself. */
  readonly relocated: number;
  /** Pages at the start of text that start-up runs. */
  readonly startup: number;
}

/** A description with what is not given left out: no data, no bss, static, everything relocated and one page of start-up code. */
export function elfProgram(program: Pick<ElfProgram, 'text'> & Partial<ElfProgram>): ElfProgram {
  const data = program.data ?? 0;
  return {
    e_type: 'ET_EXEC', data, bss: 0, gap: 0, interp: null, needed: [], locale: [], relocated: data, startup: Math.min(1, program.text), ...program,
  };
}
