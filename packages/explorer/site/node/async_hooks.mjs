/** Carries its store while run() runs, and not beyond an await: who asks later is told that there is none. */
export class AsyncLocalStorage {
  #store;

  run(store, callback, ...args) {
    const before = this.#store;
    this.#store = store;
    try {
      return callback(...args);
    } finally {
      this.#store = before;
    }
  }

  getStore() {
    return this.#store;
  }
}
