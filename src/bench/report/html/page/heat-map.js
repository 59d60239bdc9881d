import { latencyAxis, plain } from './axes.js';
import { colourOf } from './look.js';
import { timelinePlot } from './timeline.js';

/**
 * @import uPlot from 'uplot'
 * @import { HeatMap } from '../heat-map.js'
 * @import { Timelines } from '../plots.js'
 * @import { Look } from './look.js'
 */

const NOTHING_POINTED_AT = 'Point at a cell to read it.';

/**
 * Deliveries by time and latency: the more in a cell, the stronger its colour, on a logarithmic scale.
 *
 * @param {{ heat: HeatMap, timeline: Timelines }} data
 * @param {Look} look
 * @param {HTMLElement} readout tells what the cursor points at
 * @returns {{ options: Omit<uPlot.Options, 'width'>, rows: uPlot.AlignedData }}
 */
export function heatMapPlot({ heat, timeline }, look, readout) {
  const latency = latencyAxis(look);
  const [low, high] = [heat.rows[0]?.fromMs ?? 0.1, heat.rows.at(-1)?.toMs ?? 1];
  readout.textContent = NOTHING_POINTED_AT;
  return timelinePlot(timeline, look, {
    height: 300,
    scale: { ...latency.scale, range: [low, high] },
    axis: latency.axis,
    series: [{ show: false }],
    lines: [timeline.x.map(() => null)],
    draw: (plot) => drawCells(plot, heat, look),
    more: {
      legend: { show: false },
      cursor: { x: true, y: true, points: { show: false }, sync: { key: 'time', scales: ['x', null] } },
    },
  });
}

/**
 * @param {uPlot} plot
 * @param {HeatMap} heat
 * @param {Look} look
 */
function drawCells({ ctx, bbox, valToPos }, heat, look) {
  const rows = heat.rows.map(({ fromMs, toMs }) => [valToPos(fromMs, 'y', true), valToPos(toMs, 'y', true)]);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  heat.slices.forEach((cells, slice) => {
    const left = Math.round(valToPos(slice * heat.sliceS, 'x', true));
    const right = Math.round(valToPos((slice + 1) * heat.sliceS, 'x', true));
    for (let at = 0; at < cells.length; at += 2) {
      const [bottom = 0, top = 0] = (rows[cells[at] ?? 0] ?? []).map(Math.round);
      ctx.fillStyle = colourOf(look.heat, shareOf(cells[at + 1] ?? 0, heat.most));
      ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
    }
  });
  ctx.restore();
}

/**
 * @param {number} count
 * @param {number} most
 */
function shareOf(count, most) {
  return most <= 1 ? 1 : Math.log(count) / Math.log(most);
}

/**
 * Has `readout` follow the cursor of `plot`.
 *
 * @param {uPlot} plot
 * @param {HeatMap} heat
 * @param {HTMLElement} readout
 */
export function followCursor(plot, heat, readout) {
  plot.over.addEventListener('mouseleave', () => {
    readout.textContent = NOTHING_POINTED_AT;
  });
  plot.over.addEventListener('mousemove', () => {
    const { left = -1, top = -1 } = plot.cursor;
    const slice = Math.floor(plot.posToVal(left, 'x') / heat.sliceS);
    const latency = plot.posToVal(top, 'y');
    const row = heat.rows.findIndex(({ fromMs, toMs }) => latency > fromMs && latency <= toMs);
    const { fromMs, toMs } = heat.rows[row] ?? {};
    const cells = heat.slices[slice] ?? [];
    const at = cells.findIndex((value, index) => index % 2 === 0 && value === row);
    const count = at === -1 ? 0 : (cells[at + 1] ?? 0);
    const deliveries = `${count.toLocaleString('en-US')} ${count === 1 ? 'delivery' : 'deliveries'}`;
    readout.textContent =
      row === -1 ? NOTHING_POINTED_AT : `At ${plain(slice * heat.sliceS)} s, from ${plain(fromMs)} to ${plain(toMs)} ms: ${deliveries}`;
  });
}

/**
 * The scale of colours, from one delivery to the most.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Look} look
 */
export function drawScale(canvas, look) {
  const context = canvas.getContext('2d');
  for (let x = 0; context && x < canvas.width; x++) {
    context.fillStyle = colourOf(look.heat, x / (canvas.width - 1));
    context.fillRect(x, 0, 1, canvas.height);
  }
}
