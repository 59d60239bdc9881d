import { frame, latencyAxis } from './axes.js';
import { faint } from './look.js';
import { msOf, percentileAxis, percentileScale, percentileSeries, rowsOf } from './percentiles.js';

/**
 * @import uPlot from 'uplot'
 * @import { Plots } from '../plots.js'
 * @import { Look } from './look.js'
 */

/**
 * How long the first, the median, 99 % and the last of a notification's receivers waited, with a band from the first to the last.
 *
 * @param {NonNullable<Plots['fanOut']>} data
 * @param {Look} look
 * @returns {{ options: Omit<uPlot.Options, 'width'>, rows: uPlot.AlignedData }}
 */
export function fanOutPlot({ x, lines }, look) {
  const latency = latencyAxis(look);
  /** @type {uPlot.Series} */
  const line = { width: 2, value: msOf, points: { show: true, size: 6 } };
  return {
    options: {
      ...frame(280),
      scales: { x: percentileScale(), y: latency.scale },
      axes: [percentileAxis(look), latency.axis],
      series: [
        percentileSeries(),
        { ...line, label: 'first', stroke: look.green },
        { ...line, label: 'median', stroke: look.blue },
        { ...line, label: '99 %', stroke: look.orange, dash: [6, 4] },
        { ...line, label: 'last', stroke: look.pink },
      ],
      bands: [{ series: [4, 1], fill: faint(look.blue, 0.14), dir: -1 }],
    },
    rows: rowsOf([x, lines.first, lines.median, lines.p99, lines.last]),
  };
}
