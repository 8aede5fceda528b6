/** Text and bytes in the encodings that just-bash's file interface names. */
import type { BufferEncoding } from 'just-bash';

export type EncodingOption = { encoding?: BufferEncoding | null } | BufferEncoding;
export type Encoding = 'utf8' | 'latin1' | 'base64' | 'hex';

/** Default utf8. ASCII is read and written as latin1, whose lower half it is. */
export function encodingOf(options: EncodingOption | undefined): Encoding {
  const name = typeof options === 'string' ? options : options?.encoding ?? 'utf8';
  if (name === 'base64' || name === 'hex') return name;
  return name === 'utf8' || name === 'utf-8' ? 'utf8' : 'latin1';
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string => Buffer.from(buffer, byteOffset, length).toString('latin1');

export function decodeText(bytes: Uint8Array, encoding: Encoding): string {
  switch (encoding) {
    case 'utf8': return decoder.decode(bytes);
    case 'latin1': return latin1(bytes);
    case 'base64': return btoa(latin1(bytes));
    case 'hex': return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  }
}

export function encodeText(text: string, encoding: Encoding): Uint8Array {
  switch (encoding) {
    case 'utf8': return encoder.encode(text);
    case 'latin1': return Buffer.from(text, 'latin1');
    case 'base64': return Uint8Array.from(atob(text), character => character.charCodeAt(0));
    case 'hex': return Uint8Array.from(text.match(/[0-9a-fA-F]{2}/g) ?? [], pair => Number.parseInt(pair, 16));
  }
}
