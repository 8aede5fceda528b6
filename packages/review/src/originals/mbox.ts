/** A mailbox file as lore.kernel.org gives it: mails one after the other, each behind a `From ` line, as it is or packed with gzip. */
import { gunzipSync } from 'node:zlib';

/** A mail as it lies in the file. */
export interface RawMail {
  /** Its `From ` line in the file, unpacked, from 1. */
  readonly line: number;
  /** Header, blank line and body, one character a byte, without quoting of the mailbox. */
  readonly lines: readonly string[];
}

/** What is wrong with a mailbox; the message begins with its name and the line. */
export class MailboxError extends Error {
  override readonly name = 'MailboxError';
}

/** A mailbox of all that was ever said of the series has a few megabytes. */
export const MAILBOX_LIMITS = { bytes: 64 << 20, mails: 20_000, mailBytes: 4 << 20, headerBytes: 256 << 10 } as const;

/**
 * The mails of a mailbox, in its order. Of the kinds of quoting that of lore (mboxrd) is undone: a `From ` in a mail has one `>` more.
 * @param name of the file, for messages.
 * @throws {MailboxError} for what is no mailbox, is cut off, or is too large.
 */
export function splitMailbox(bytes: Uint8Array, name: string): RawMail[] {
  const text = Buffer.from(unpack(bytes, name)).toString('latin1');
  if (text === '') throw new MailboxError(`${name}: found nothing; expected a mailbox`);
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new MailboxError(`${name}:${lines.length + 1}: found the end of the file within a line; expected a newline: the mailbox is cut off`);
  if (!lines[0]!.startsWith('From ')) throw new MailboxError(`${name}:1: found no line "From ..." at the beginning; expected a mailbox (mbox) such as lore.kernel.org has of a thread`);
  const starts = lines.flatMap((line, at) => (isStart(lines, line, at) ? [at] : []));
  if (starts.length > MAILBOX_LIMITS.mails) throw new MailboxError(`${name}: found ${starts.length} mails; expected ${MAILBOX_LIMITS.mails} at most`);
  return starts.map((start, number) => rawMail(lines, start, starts[number + 1] ?? lines.length, name));
}

/** A mail begins at a `From ` line at the beginning or below a blank line. */
const isStart = (lines: readonly string[], line: string, at: number): boolean => line.startsWith('From ') && (at === 0 || withoutReturn(lines[at - 1]!) === '');

function rawMail(lines: readonly string[], start: number, end: number, name: string): RawMail {
  const own = lines.slice(start + 1, end).map(line => withoutReturn(line).replace(/^>(>*From )/, '$1'));
  const blank = own.indexOf('');
  const where = `${name}:${start + 1}: the mail that begins here`;
  if (blank < 1 || !/^[!-9;-~]+:/.test(own[0]!)) throw new MailboxError(`${where}: found ${blank < 0 ? 'its end' : 'no header'}; expected header fields and a blank line below them`);
  const size = own.reduce((sum, line) => sum + line.length + 1, 0);
  if (size > MAILBOX_LIMITS.mailBytes) throw new MailboxError(`${where}: found ${size} bytes; expected ${MAILBOX_LIMITS.mailBytes} at most`);
  return { line: start + 1, lines: own };
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

function unpack(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length > MAILBOX_LIMITS.bytes) throw new MailboxError(`${name}: found ${bytes.length} bytes; expected ${MAILBOX_LIMITS.bytes} at most`);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAILBOX_LIMITS.bytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === 'ERR_BUFFER_TOO_LARGE' ? `more than ${MAILBOX_LIMITS.bytes} bytes in it` : `gzip data that cannot be unpacked (${message})`;
    throw new MailboxError(`${name}: found ${found}; expected a whole mailbox packed with gzip`, { cause: error });
  }
}
