/**
 * @import uPlot from 'uplot'
 * @import { Look } from './look.js'
 */

const FONT = '12px system-ui, sans-serif';

/** One width for all labels on the left, so that plots with a common time stand exactly below each other. */
const LEFT_PX = 52;
const BOTTOM_PX = 28;

/** A smaller ratio of largest to smallest is no range: ticks are found around it. */
const FLAT = 1.02;

/** Up to this ratio, evenly spaced ticks are easier to read on a logarithmic axis than 1, 2, 5. */
const NARROW = 5;

/**
 * What all plots have in common.
 *
 * @param {number} height in px, of the plot with its axes
 * @returns {Omit<uPlot.Options, 'series' | 'width'>}
 */
export function frame(height) {
  return { height, padding: [10, 18, 0, 0], legend: { live: true }, cursor: { points: { size: 7 }, y: false } };
}

/**
 * @param {Look} look
 * @param {uPlot.Axis} [more]
 * @returns {uPlot.Axis}
 */
export function bottomAxis(look, more) {
  return { ...axis(look), size: BOTTOM_PX, ...more };
}

/**
 * @param {Look} look
 * @param {uPlot.Axis} [more]
 * @returns {uPlot.Axis}
 */
export function leftAxis(look, more) {
  return { ...axis(look), size: LEFT_PX, values: (_, ticks) => ticks.map(compact), ...more };
}

/**
 * A scale of latencies and its axis.
 *
 * @param {Look} look
 * @returns {{ scale: uPlot.Scale, axis: uPlot.Axis }}
 */
export function latencyAxis(look) {
  return {
    scale: {
      distr: 3,
      log: 10,
      range: (_, min, max) => {
        const ticks = logTicks(min ?? 0.1, max ?? 1);
        return [ticks[0] ?? 0.1, ticks.at(-1) ?? 1];
      },
    },
    axis: leftAxis(look, {
      splits: (_, __, min, max) => logTicks(min, max).filter((tick) => tick >= min * 0.9999 && tick <= max * 1.0001),
      filter: (_, ticks) => ticks,
      values: (_, ticks) => ticks.map(plain),
    }),
  };
}

/**
 * A scale from 0 on.
 *
 * @returns {uPlot.Scale}
 */
export function countScale() {
  return { range: (_, __, max) => [0, Math.max(1, (max ?? 0) * 1.08)] };
}

/**
 * From the last tick that is not above `min` to the first that is not below `max`.
 *
 * @param {number} min above 0
 * @param {number} max
 */
export function logTicks(min, max) {
  if (max / min < FLAT) return logTicks(min * 0.95, max * 1.05);
  const even = max / min <= NARROW ? evenTicks(min, max) : [];
  const ticks = even.length > 2 ? even : roundTicks(min, max);
  return ticks.filter((_, index) => (ticks[index + 1] ?? max * 2) > min * 1.0001 && (ticks[index - 1] ?? 0) < max * 0.9999);
}

/**
 * @param {number} min
 * @param {number} max
 */
function evenTicks(min, max) {
  const least = (max - min) / 5;
  const size = 10 ** Math.floor(Math.log10(least));
  const step = size * ([1, 2, 5, 10].find((times) => times * size >= least * 0.9999) ?? 10);
  const first = Math.floor(min / step + 0.0001);
  if (first < 1) return [];
  return Array.from({ length: 8 }, (_, index) => Number(((first + index) * step).toPrecision(6)));
}

/**
 * @param {number} min
 * @param {number} max
 */
function roundTicks(min, max) {
  const [from, to] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max * 1.0001))];
  const steps = to - from > 4 ? [1] : [1, 2, 5];
  return Array.from({ length: to - from + 2 }, (_, decade) =>
    steps.map((step) => Number((step * 10 ** (from + decade)).toPrecision(6))),
  ).flat();
}

/**
 * @param {Look} look
 * @returns {uPlot.Axis}
 */
function axis({ quiet, grid }) {
  return {
    stroke: quiet,
    font: FONT,
    gap: 4,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 5 },
  };
}

/** @param {number | null | undefined} value */
export function plain(value) {
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumSignificantDigits: 3 }) : '–';
}

/**
 * `20K`, for labels.
 *
 * @param {number} value
 */
function compact(value) {
  return value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 2 });
}

/** @param {number | null | undefined} value */
export function inMs(value) {
  return typeof value === 'number' ? `${plain(value)} ms` : '–';
}
