/** Mails read: who, when, what about, and the text. */
import PostalMime from 'postal-mime';
import { MAILBOX_LIMITS, MailboxError, type RawMail } from './mbox.js';

export interface ReadMail {
  /** Its first line in the mailbox. */
  readonly line: number;
  readonly subject: string;
  readonly from: string;
  /** `2005-06-22`, in UTC; null when the mail has no date that can be read. */
  readonly date: string | null;
  /** Without the angle brackets; null when the mail has none. */
  readonly messageId: string | null;
  /** The mails that it answers, the nearest first. */
  readonly answers: readonly string[];
  /** Text parts one below the other, attached patches too. */
  readonly text: string;
  /** Where a line of the text, from 1, is in the mailbox: its line, or the mail and the line of the text where that is encoded. */
  readonly where: (line: number) => string;
}

/** @throws {MailboxError} when MIME's parts are deeper than anybody's, or the header is endless. */
export async function readMail(raw: RawMail, name: string): Promise<ReadMail> {
  const bytes = Buffer.from(raw.lines.map(line => `${line}\n`).join(''), 'latin1');
  let email;
  try {
    email = await PostalMime.parse(bytes, { attachmentEncoding: 'arraybuffer', maxHeadersSize: MAILBOX_LIMITS.headerBytes });
  } catch (error) {
    throw new MailboxError(`${name}:${raw.line}: the mail that begins here: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const attached = email.attachments.filter(({ mimeType, filename }) => mimeType.startsWith('text/') || /\.(patch|diff|txt)$/.test(filename ?? ''));
  const texts = [email.text ?? '', ...attached.map(({ content }) => new TextDecoder().decode(content as ArrayBuffer))];
  const text = texts.map(part => (part === '' || part.endsWith('\n') ? part : `${part}\n`)).join('').replaceAll('\r\n', '\n');
  const references = ids(email.references).reverse();
  const date = email.date === undefined ? null : /^\d{4}-\d\d-\d\d(?=T)/.exec(email.date)?.[0] ?? null;
  return {
    line: raw.line, subject: email.subject ?? '', from: email.from?.name === '' || email.from?.name === undefined ? (email.from?.address ?? '') : email.from.name, date,
    messageId: ids(email.messageId)[0] ?? null, answers: [...new Set([...ids(email.inReplyTo), ...references])], text, where: placeOf(raw, text, name),
  };
}

const ids = (field: string | undefined): string[] => [...(field ?? '').matchAll(/<([^<>\s]+)>/g)].map(([, id]) => id!);

/** Where the text stands in the file as it is, its lines are the file's. */
function placeOf(raw: RawMail, text: string, name: string): (line: number) => string {
  const body = raw.lines.indexOf('') + 1;
  const lines = text.split('\n');
  return line => {
    const plain = lines.slice(0, line - 1).every((content, at) => ascii(content) === ascii(raw.lines[body + at] ?? ''));
    return plain ? `${name}:${raw.line + body + line}` : `${name}:${raw.line}: line ${line} of the text of the mail that begins here`;
  };
}

const ascii = (text: string): string => text.replaceAll(/[^ -~]+/g, '');
