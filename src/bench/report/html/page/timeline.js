import { bottomAxis, countScale, frame, latencyAxis, leftAxis, plain } from './axes.js';
import { faint } from './look.js';
import { msOf, rowsOf } from './percentiles.js';

/**
 * @import uPlot from 'uplot'
 * @import { Timelines } from '../plots.js'
 * @import { Look } from './look.js'
 * @typedef {{ options: Omit<uPlot.Options, 'width'>, rows: uPlot.AlignedData }} Plot
 */

/**
 * @param {Timelines} data
 * @param {Look} look
 * @returns {Plot}
 */
export function latencyTimeline(data, look) {
  const latency = latencyAxis(look);
  const series = [
    { label: 'max', stroke: look.pink, width: 1.5, dash: [2, 3], value: msOf },
    { label: 'p99', stroke: look.orange, width: 2, dash: [7, 3], value: msOf },
    { label: 'p50', stroke: look.blue, width: 2, value: msOf },
  ];
  return timelinePlot(data, look, { height: 240, scale: latency.scale, axis: latency.axis, series, lines: [data.max, data.p99, data.p50] });
}

/**
 * What is sent is scaled to lie upon what is delivered: where the lines part, deliveries wait.
 *
 * @param {Timelines} data
 * @param {Look} look
 * @returns {Plot}
 */
export function rateTimeline(data, look) {
  const times = data.perNotification;
  const series = [
    { label: 'delivered/s', stroke: look.blue, width: 2, fill: faint(look.blue, 0.12), value: count },
    {
      label: 'sent/s',
      stroke: look.orange,
      width: 1.5,
      dash: [6, 4],
      /** @type {uPlot.Series.Value} */
      value: (_, value) => (typeof value === 'number' ? plain(value / times) : '–'),
    },
  ];
  const sent = data.sentPerSecond.map((value) => (value === null ? null : value * times));
  return timelinePlot(data, look, {
    height: 170,
    scale: countScale(),
    axis: leftAxis(look),
    series,
    lines: [data.deliveredPerSecond, sent],
  });
}

/**
 * @param {Timelines} data
 * @param {Look} look
 * @returns {Plot}
 */
export function connectionTimeline(data, look) {
  const series = [{ label: 'connected', stroke: look.green, width: 2, fill: faint(look.green, 0.12), value: count }];
  return timelinePlot(data, look, { height: 130, scale: countScale(), axis: leftAxis(look), series, lines: [data.connected] });
}

/**
 * @param {Timelines} data
 * @param {Look} look
 * @returns {Plot}
 */
export function loopDelayTimeline(data, look) {
  const series = [{ label: 'loop delay', stroke: look.pink, width: 1.5, fill: faint(look.pink, 0.16), value: msOf }];
  return timelinePlot(data, look, { height: 140, scale: countScale(), axis: leftAxis(look), series, lines: [data.loopDelay] });
}

/**
 * A plot over the time of the run; all of them share their cursor and what part of the time they show.
 *
 * @param {Timelines} data
 * @param {Look} look
 * @param {{ height: number, scale: uPlot.Scale, axis: uPlot.Axis, series: uPlot.Series[], lines: readonly (readonly (number | null)[])[],
 *   draw?: (plot: uPlot) => void, more?: Partial<uPlot.Options> }} of
 * @returns {Plot}
 */
export function timelinePlot({ x, endS, holdS }, look, { height, scale, axis, series, lines, draw, more }) {
  const common = frame(height);
  return {
    options: {
      ...common,
      cursor: { ...common.cursor, sync: { key: 'time', scales: ['x', null] } },
      scales: { x: { time: false, range: (_, min, max) => (min === x[0] && max === x.at(-1) ? [0, endS] : [min, max]) }, y: scale },
      axes: [bottomAxis(look, { values: (_, ticks) => ticks.map((tick) => `${plain(tick)} s`) }), axis],
      series: [{ label: 'at', value: (_, at) => (typeof at === 'number' ? `${plain(at)} s` : '–') }, ...series],
      hooks: { draw: [(plot) => draw?.(plot), (plot) => drawHoldEnd(plot, holdS, look.ink)] },
      ...more,
    },
    rows: rowsOf([x, ...lines]),
  };
}

/**
 * @param {uPlot} plot
 * @param {number} holdS
 * @param {string} colour
 */
function drawHoldEnd({ ctx, bbox, scales, valToPos }, holdS, colour) {
  const { min, max } = scales.x ?? {};
  if (holdS <= (min ?? 0) || holdS >= (max ?? 0)) return;
  const at = valToPos(holdS, 'x', true);
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(at, bbox.top);
  ctx.lineTo(at, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/**
 * @param {uPlot} _
 * @param {number | null} value
 */
function count(_, value) {
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 0 }) : '–';
}
