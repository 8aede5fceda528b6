export const [isMainThread, parentPort, workerData] = [true, null, null];
export class Worker {
  constructor() {
    throw new Error('this is a worker already');
  }
}
