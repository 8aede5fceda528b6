/** What is in the file of a program when it is read: the header of an ELF file, so that tools know what they look at; the rest are zeros. */
import type { ElfProgram } from '@pmkit/mm-core/model/elf';

const EHDR_SIZE = 64;
const ET: Readonly<Record<ElfProgram['e_type'], number>> = { ET_EXEC: 2, ET_DYN: 3 };
const EM_IA_64 = 50;

/** Elf64_Ehdr, little-endian, for ia64, without program or section headers (elf.h): 64 bytes. */
export function elfImage({ e_type }: ElfProgram): Uint8Array {
  const image = new Uint8Array(EHDR_SIZE);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELFCLASS64, ELFDATA2LSB, EV_CURRENT
  view.setUint16(16, ET[e_type], true);
  view.setUint16(18, EM_IA_64, true);
  view.setUint32(20, 1, true);
  view.setUint16(52, EHDR_SIZE, true);
  return image;
}
