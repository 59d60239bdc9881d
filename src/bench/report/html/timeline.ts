import { duration, integer, milliseconds } from '../../numbers.js';
import type { BenchResult } from '../../result/result.js';
import { summary } from './latency.js';
import { plotHtml } from './markup.js';
import type { Plots } from './plots.js';

/** How the run went, second by second. */
export function timelineHtml(result: BenchResult, plots: Plots): string {
  if (plots.timeline === null)
    return '<section>\n<h2>Timeline</h2>\n<p class="empty">Too little was delivered for plots.</p>\n</section>\n';
  const { deliveries, connections, timeline } = result;
  const slice = duration(timeline.sliceMs);
  const longest = Math.max(...timeline.slices.map(({ loopDelayMs }) => loopDelayMs));
  const places = [
    {
      id: 'latency',
      label: `Latency over time: ${summary(result.latencyMs)}`,
      text: `Latency in ms of what came in each slice of ${slice}`,
    },
    {
      id: 'rate',
      label: `Sent and delivered a second over time: ${integer(deliveries.perSecond ?? 0)} deliveries a second`,
      text: 'Delivered a second, and what was sent times the deliveries of one notification: where the lines part, deliveries wait',
    },
    {
      id: 'connections',
      label: `Connected subscribers over time: ${integer(connections.connected)} of ${integer(connections.wanted)}`,
      text: 'Connected subscribers',
    },
    {
      id: 'loop-delay',
      label: `Event-loop delay of the generator over time: at most ${milliseconds(longest)} ms`,
      text: 'Longest delay of an event loop of the generator, in ms',
    },
  ];
  return `<section>
<h2>Timeline</h2>
<p>In seconds from the start of the hold; the dotted upright line is its end. Drag over a plot to look closer, double-click to see all again.</p>
${places.map(plotHtml).join('')}${heatHtml(plots)}</section>
`;
}

function heatHtml({ heat }: Plots): string {
  if (heat === null) return '';
  const most = integer(heat.most);
  return plotHtml({
    id: 'heat-map',
    label: `Heat map of latency in ms over time; at most ${most} deliveries in a cell`,
    text: 'How many deliveries had which latency (in ms) when',
    after: `<p class="legend"><span>1</span> <canvas id="heat-scale" width="160" height="12" role="img" aria-label="Scale of colours from 1 to ${most} deliveries"></canvas> <span>${most} deliveries a cell</span> <output class="quiet" id="heat-readout"></output></p>
`,
  });
}
