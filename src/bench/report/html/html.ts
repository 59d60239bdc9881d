import { createHash } from 'node:crypto';
import { markupText } from '../../../document/index.js';
import type { BenchResult } from '../../result/result.js';
import { readAssets } from './assets.js';
import { generatorHtml, settingsHtml } from './circumstances.js';
import { deliveriesHtml, slowestHtml } from './deliveries.js';
import { fanOutHtml } from './fan-out.js';
import { latencyHtml } from './latency.js';
import { plotsOf } from './plots.js';
import { STYLE } from './style.js';
import { timelineHtml } from './timeline.js';
import { headerHtml, regressionHtml, thresholdsHtml, verdictText } from './verdict.js';

/**
 * A run as one HTML file that needs nothing else and asks nobody: its scripts and styles are inside, and its policy allows no
 * others. Dark and light as the reader's system is.
 * @throws when a file of the package is missing
 */
export async function renderHtml(result: BenchResult): Promise<string> {
  const { plotStyle, plotScript, pageScript } = await readAssets();
  const plots = plotsOf(result);
  const style = `${plotStyle}\n${STYLE}`;
  const scripts = [plotScript, pageScript].map(scriptText);
  const [libraryScript, drawingScript] = scripts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${verdictText(result)} · wsn bench ${markupText(result.url)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
${headerHtml(result)}<main>
<noscript><p>The plots need JavaScript; the figures are in the tables.</p></noscript>
${thresholdsHtml(result)}${regressionHtml(result)}${deliveriesHtml(result)}${latencyHtml(result, plots)}${timelineHtml(result, plots)}${fanOutHtml(result, plots)}${slowestHtml(result)}${generatorHtml(result)}${settingsHtml(result)}</main>
<script type="application/json" id="plots">${JSON.stringify(plots).replaceAll('<', '\\u003c')}</script>
<script>${libraryScript}</script>
<script type="module">${drawingScript}</script>
</body>
</html>
`;
}

/** Only what is in the file itself runs and is applied, and nothing is loaded. */
function policy(scripts: readonly string[], style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(' ')}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** A script ends at the first thing that looks like its end tag, wherever that stands. */
function scriptText(script: string): string {
  return script.replace(/<(?=\/script|!--)/gi, '\\x3c');
}
