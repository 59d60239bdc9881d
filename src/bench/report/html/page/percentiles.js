import { bottomAxis, frame, inMs, latencyAxis } from './axes.js';

/**
 * @import uPlot from 'uplot'
 * @import { Plots } from '../plots.js'
 * @import { Look } from './look.js'
 */

/** Ticks of an axis of 1 / (1 − p): how many of so many deliveries one is slower. */
const TICKS = new Map([
  [1, '0'],
  [2, '50'],
  [10, '90'],
  [100, '99'],
  [1000, '99.9'],
  [10_000, '99.99'],
  [100_000, '99.999'],
]);

/**
 * Latency over percentiles, with the intervals of those that have one, and the baseline beside it.
 *
 * @param {NonNullable<Plots['percentiles']>} data
 * @param {Look} look
 * @returns {{ options: Omit<uPlot.Options, 'width'>, rows: uPlot.AlignedData }}
 */
export function percentilePlot({ x, now, baseline, margins }, look) {
  const latency = latencyAxis(look);
  const before = baseline === null ? [] : [{ label: 'baseline', stroke: look.orange, width: 2, dash: [6, 4], value: msOf }];
  return {
    options: {
      ...frame(320),
      scales: { x: percentileScale(), y: latency.scale },
      axes: [percentileAxis(look), latency.axis],
      series: [
        percentileSeries(),
        ...before,
        { label: baseline === null ? 'latency' : 'this run', stroke: look.blue, width: 2.5, value: msOf },
      ],
      hooks: { draw: [(plot) => drawMargins(plot, margins, look.ink)] },
    },
    rows: rowsOf(baseline === null ? [x, now] : [x, baseline, now]),
  };
}

/**
 * Figures of ours are read-only, those of the library are not.
 *
 * @param {readonly (readonly (number | null)[])[]} rows
 */
export function rowsOf(rows) {
  return /** @type {uPlot.AlignedData} */ (rows.map((row) => [...row]));
}

/** @returns {uPlot.Scale} */
export function percentileScale() {
  return { distr: 3, log: 10, time: false, range: (_, min, max) => [min, Math.max(max, min * 1.5)] };
}

/**
 * @param {Look} look
 * @returns {uPlot.Axis}
 */
export function percentileAxis(look) {
  return bottomAxis(look, {
    splits: (_, __, min, max) => [...TICKS.keys()].filter((tick) => tick >= min * 0.999 && tick <= max * 1.001),
    filter: (_, ticks) => ticks,
    values: (_, ticks) => ticks.map((tick) => TICKS.get(tick) ?? ''),
  });
}

/** @returns {uPlot.Series} */
export function percentileSeries() {
  return { label: 'percentile', value: (_, x) => (x ? percentText(x) : '–') };
}

/**
 * As many digits as tell it from its neighbours.
 *
 * @param {number} x
 */
function percentText(x) {
  const digits = Math.max(0, Math.ceil(Math.log10(x)) - (x > 10 ? 1 : 0));
  return `${Number((100 - 100 / x).toFixed(digits))} %`;
}

/**
 * @param {uPlot} _
 * @param {number | null} value
 */
export function msOf(_, value) {
  return inMs(value);
}

/**
 * Intervals as lines with ends.
 *
 * @param {uPlot} plot
 * @param {NonNullable<Plots['percentiles']>['margins']} margins
 * @param {string} colour
 */
function drawMargins({ ctx, valToPos }, margins, colour) {
  const end = 4 * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.beginPath();
  for (const { x, from, to } of margins) {
    const at = valToPos(x, 'x', true);
    const ends = [valToPos(from, 'y', true), valToPos(to, 'y', true)];
    ctx.moveTo(at, ends[0] ?? 0);
    ctx.lineTo(at, ends[1] ?? 0);
    for (const y of ends) {
      ctx.moveTo(at - end, y);
      ctx.lineTo(at + end, y);
    }
  }
  ctx.stroke();
  ctx.restore();
}
