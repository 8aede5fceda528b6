/** What many samples come to. */
import { Bench } from 'tinybench';

export interface Summary { readonly median: number; readonly min: number; readonly max: number }

/** @param samples at least one */
export function summary(samples: readonly number[]): Summary {
  // tinybench would rather measure itself; here operation and roofline take turns, so it is told what each took
  const bench = new Bench({ iterations: samples.length, time: 0, warmup: false, throws: true });
  let next = 0;
  bench.add('samples', () => ({ overriddenDuration: samples[next++]! }), { async: false });
  bench.runSync();
  const result = bench.tasks[0]?.result;
  if (result?.state !== 'completed') throw new Error(`the statistics of ${samples.length} samples are ${result?.state ?? 'missing'}`);
  const { p50, min, max } = result.latency;
  return { median: p50, min, max };
}

export interface Point { readonly size: number; readonly time: number }

/** The exponent b of time = a * size^b: the slope of the straight line through the points on paper with two logarithmic axes, by least squares. @param points at least two, of different sizes */
export function exponent(points: readonly Point[]): number {
  const logs = points.map(({ size, time }) => ({ x: Math.log(size), y: Math.log(time) }));
  const mean = (of: 'x' | 'y'): number => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const [x, y] = [mean('x'), mean('y')];
  const covariance = logs.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return covariance / logs.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

/** The largest exponent between two neighbours. */
export function steepest(points: readonly Point[]): number {
  return Math.max(...points.slice(1).map((point, i) => exponent([points[i]!, point])));
}
