import { gunzipSync as gunzip, gzipSync as gzip } from 'fflate';

const toBuffer = bytes => globalThis.Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const gunzipSync = bytes => toBuffer(gunzip(bytes));
// no time in it: the same bytes whenever
export const gzipSync = (bytes, { level } = {}) => toBuffer(gzip(bytes, { mtime: 0, ...(level === undefined || level < 0 ? {} : { level }) }));
export const constants = { Z_BEST_COMPRESSION: 9, Z_BEST_SPEED: 1, Z_DEFAULT_COMPRESSION: -1 };
