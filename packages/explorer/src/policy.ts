/**
 * What the page may load: its own files, and the worker that it makes of them. Written into index.html, and sent by `serveSite()`.
 *
 * No `unsafe-eval`: the linker, which writes code where it may, falls back where it may not.
 */
export const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self' blob:",
  'worker-src blob:',
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
