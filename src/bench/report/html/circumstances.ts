import { markupText } from '../../../document/index.js';
import { HOSTILE_KINDS, type HostileKind, type Load } from '../../load/load.js';
import { bytes, counted, decimal, duration, integer, percent, rate } from '../../numbers.js';
import type { BenchResult, HealthCheck } from '../../result/result.js';
import { faultText } from '../recovery-text.js';
import { arrivalsText, spreadText } from '../settings-text.js';
import { checkFigures, checkName } from '../wording.js';
import { type Cell, tableHtml } from './markup.js';

/** Whether the generator kept up with what it was to do. */
export function generatorHtml({ generator, connections, notes }: BenchResult): string {
  const { checks, cpuUsPerDelivery } = generator;
  const rows = checks.map((check): Cell[] => [
    checkName(check),
    checkFigures(check).measured,
    checkFigures(check).bound,
    checkOutcome(check),
  ]);
  const costs = [
    cpuUsPerDelivery === null ? '' : `${decimal(cpuUsPerDelivery)} µs of CPU a delivery`,
    connections.memoryBytesEach === null ? '' : `${bytes(connections.memoryBytesEach)} of memory a subscriber`,
  ].filter((cost) => cost !== '');
  return `<section>
<h2>Generator</h2>
${costs.length === 0 ? '' : `<p>It took ${costs.join(' and ')}.</p>\n`}${tableHtml({
  caption: 'What may hold the generator up; past a limit a run is invalid',
  columns: [
    { title: '', holds: 'words' },
    { title: 'measured', holds: 'figures' },
    { title: 'limit', holds: 'figures' },
    { title: 'outcome', holds: 'words' },
  ],
  rows,
})}${notes.length === 0 ? '' : `<ul class="notes">${notes.map((note) => `<li>${markupText(note)}</li>`).join('')}</ul>\n`}</section>
`;
}

function checkOutcome({ measured, isPast, advice }: HealthCheck): Cell {
  if (isPast) return { text: `✗ past it: ${advice}`, tone: 'bad' };
  return measured === null ? '' : { text: '✓ within', tone: 'good' };
}

/** The load as it was set, what was used of it, and where it ran. */
export function settingsHtml({ settings, used, machine, phasesMs }: BenchResult): string {
  const { load, workers } = settings;
  const rows: readonly (readonly [string, string])[] = [
    ['subscribers', `${integer(load.subscribers)}, ${counted(load.subscriptions, 'subscription')} each`],
    ['channels', `${integer(load.channels)}; subscribers ${spreadText(load.spread)}, notifications ${spreadText(load.traffic)}`],
    ['arrivals', arrivalsText(load.arrivals)],
    ['publishers', publishersText(load, used.publishers)],
    ['size', bytes(load.sizeBytes)],
    ['protocol', `${load.protocol}; the broker speaks ${used.subprotocol ?? 'the base protocol'}`],
    ['connecting', `${load.connect.rate === null ? '' : `${rate(load.connect.rate)}, `}${integer(load.connect.inFlight)} at the same time`],
    ['source addresses', integer(used.sourceAddresses)],
    ['hostile', hostileText(load.hostile)],
    ...(load.faults === undefined ? [] : [['faults', load.faults.map(faultText).join('; ')] as const]),
    [
      'phases',
      Object.entries(phasesMs)
        .map(([phase, ms]) => `${phase} ${duration(ms)}`)
        .join(', '),
    ],
    ['seed', String(load.seed)],
    ['receiving threads', integer(workers)],
    ['machine', `${counted(machine.cores, 'core')}, ${machine.cpu}, ${bytes(machine.memoryBytes)}`],
    ['system', `Node.js ${machine.node}, ${machine.platform}`],
  ];
  return `<section>
<h2>Settings</h2>
${tableHtml({
  caption: 'What was asked for and where it ran',
  columns: [
    { title: '', holds: 'words' },
    { title: '', holds: 'words' },
  ],
  rows,
})}</section>
`;
}

function publishersText({ publishers }: Load, used: string): string {
  const kind = publishers.kind === used ? used : `${publishers.kind}: ${used}`;
  return publishers.connections === null ? kind : `${kind}, ${counted(publishers.connections, 'connection')}`;
}

function hostileText(hostile: Readonly<Record<HostileKind, number>>): string {
  const kinds = HOSTILE_KINDS.filter((kind) => hostile[kind] > 0);
  return kinds.length === 0 ? 'none' : kinds.map((kind) => `${kind} ${percent(hostile[kind])}`).join(', ');
}
