import uPlot from 'uplot';
import { fanOutPlot } from './fan-out.js';
import { drawScale, followCursor, heatMapPlot } from './heat-map.js';
import { currentLook } from './look.js';
import { percentilePlot } from './percentiles.js';
import { connectionTimeline, latencyTimeline, loopDelayTimeline, rateTimeline } from './timeline.js';

/**
 * @import { HeatMap } from '../heat-map.js'
 * @import { Plots, Timelines } from '../plots.js'
 * @import { Look } from './look.js'
 */

/** Room for plots on a printed page, in px. */
const PRINTED_WIDTH = 660;

const root = document.documentElement;

/** @type {Plots} */
const { percentiles, fanOut, timeline, heat } = JSON.parse(placeOf('plots').textContent ?? '');

/** @type {uPlot[]} */
let shown = [];

/** Draws all anew, in the colours of now. */
function drawAll() {
  for (const plot of shown) plot.destroy();
  const look = currentLook();
  shown = [
    ...(percentiles === null ? [] : [draw('percentiles', percentilePlot(percentiles, look))]),
    ...(timeline === null ? [] : drawTimelines(timeline, look)),
    ...(timeline === null || heat === null ? [] : [drawHeatMap({ timeline, heat }, look)]),
    ...(fanOut === null ? [] : [draw('fan-out', fanOutPlot(fanOut, look))]),
  ];
}

/**
 * @param {Timelines} timeline
 * @param {Look} look
 */
function drawTimelines(timeline, look) {
  return [
    draw('latency', latencyTimeline(timeline, look)),
    draw('rate', rateTimeline(timeline, look)),
    draw('connections', connectionTimeline(timeline, look)),
    draw('loop-delay', loopDelayTimeline(timeline, look)),
  ];
}

/**
 * @param {{ heat: HeatMap, timeline: Timelines }} data
 * @param {Look} look
 */
function drawHeatMap(data, look) {
  const readout = placeOf('heat-readout');
  const plot = draw('heat-map', heatMapPlot(data, look, readout));
  followCursor(plot, data.heat, readout);
  drawScale(/** @type {HTMLCanvasElement} */ (placeOf('heat-scale')), look);
  return plot;
}

/**
 * @param {string} name of the element that holds it
 * @param {{ options: Omit<uPlot.Options, 'width'>, rows: uPlot.AlignedData }} plot
 */
function draw(name, { options, rows }) {
  const place = placeOf(name);
  const width = root.classList.contains('paper') ? PRINTED_WIDTH : place.clientWidth;
  const plot = new uPlot({ ...options, width }, rows, place);
  plot.ctx.canvas.setAttribute('role', 'img');
  plot.ctx.canvas.setAttribute('aria-label', place.dataset.label ?? name);
  return plot;
}

/** @param {string} id */
function placeOf(id) {
  const place = document.getElementById(id);
  if (place === null) throw new Error(`the page has no #${id}`);
  return place;
}

/** As wide as their places are now. */
function fit() {
  for (const plot of shown) {
    const width = plot.root.parentElement?.clientWidth ?? 0;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
  }
}

drawAll();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
addEventListener('resize', fit);
addEventListener('beforeprint', () => {
  root.classList.add('paper');
  drawAll();
});
addEventListener('afterprint', () => {
  root.classList.remove('paper');
  drawAll();
});
