/** The page's end of the wire: requests as promises. */
import type { Answer, Failure, FromWorker, Notice, RequestName, Requests } from '../protocol.js';

/** What a Worker and a MessagePort have in common. */
export interface Wire {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: Failure['code'];
  constructor({ code, message }: Failure) {
    super(message);
    this.code = code;
  }
}

export interface Client {
  /** @throws {RequestError} (as a rejection) when it could not be answered. */
  request<Name extends RequestName>(name: Name, params: Requests[Name]['params']): Promise<Requests[Name]['result']>;
  /** Until the returned function is called. */
  onNotice(listener: (notice: Notice) => void): () => void;
}

interface Waiting { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }

export function connect(wire: Wire): Client {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(notice: Notice) => void>();
  let last = 0;
  const answered = (answer: Answer): void => {
    const request = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.ok) request?.resolve(answer.result);
    else request?.reject(new RequestError(answer.failure));
  };
  wire.addEventListener('message', ({ data }) => {
    const message = data as FromWorker;
    if ('notice' in message) for (const listener of listeners) listener(message);
    else answered(message);
  });
  return {
    request: (name, params) => new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      wire.postMessage({ id, name, params });
    }),
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
