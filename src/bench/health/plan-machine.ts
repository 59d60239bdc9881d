import { BenchError } from '../bench-error.js';
import { integer } from '../numbers.js';
import type { MachineFacts, OpenFiles } from './machine-facts.js';
import { checkPorts } from './plan-ports.js';

/** What a run is about to ask of the machine. */
export interface MachineWish {
  /** Connections of subscribers, hostile ones too, and of publishers that may be open at the same time. */
  readonly connections: number;
  /** Host of the target as in its URL, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  /** The broker is started for this run, on this machine: its memory counts. */
  readonly startsOwnBroker: boolean;
}

export interface MachinePlan {
  /** From which connections are made in turn; empty: from where the system chooses. */
  readonly sourceAddresses: readonly string[];
}

/** Files of the process itself, and those that a thread opens for its event loop; with room for a few more. */
const FILES = { process: 64, thread: 16 };

/** What lets this process have more files open, by who can do it. */
const REMEDIES: Readonly<Record<OpenFiles['raisedBy'], (limit: number) => string>> = {
  user: (limit) => `run \`ulimit -n ${limit}\` in this shell first`,
  sudo: (limit) => `run \`sudo prlimit --nofile=${limit} --pid $$\` in this shell first`,
  outside: (limit) => `start this container with \`--ulimit nofile=${limit}\`, or this service with \`LimitNOFILE=${limit}\``,
};

/**
 * Estimates in bytes, from 9,000 idle connections with a quarter more: generator 10 to 15 KB each, broker 4 to 6 KB, and
 * 4 KB in the kernel for each of the two ends. Data under way comes on top.
 */
const MEMORY = { process: 80e6, thread: 30e6, generator: 16_000, kernelEnd: 4500, broker: 7000 };

/**
 * Decides whether a machine can make a run, and from which addresses it connects.
 * @throws BenchError with kind `machine`: the first thing that is missing, and the exact remedy.
 */
export function planMachine(facts: MachineFacts, wish: MachineWish): MachinePlan {
  checkFiles(facts, wish);
  const sourceAddresses = checkPorts(facts, wish);
  checkMemory(facts, wish);
  return { sourceAddresses };
}

function checkFiles({ openFiles }: MachineFacts, { connections, workers }: MachineWish): void {
  if (openFiles === null) return;
  const needed = openFiles.inUse + connections + FILES.process + FILES.thread * (workers + 1);
  if (needed <= openFiles.limit) return;
  const limit = Math.ceil(needed / 1024) * 1024;
  const found = `${integer(connections)} connections need about ${integer(needed)} open files and ${integer(openFiles.limit)} are allowed`;
  throw new BenchError('machine', `${found}: ${REMEDIES[openFiles.raisedBy](limit)}`);
}

function checkMemory({ memory }: MachineFacts, { connections, workers, startsOwnBroker }: MachineWish): void {
  if (memory === null) return;
  const fixed = MEMORY.process + MEMORY.thread * (workers + 1);
  const each = MEMORY.generator + MEMORY.kernelEnd + (startsOwnBroker ? MEMORY.kernelEnd + MEMORY.broker : 0);
  const needed = fixed + each * connections;
  if (needed <= memory.freeBytes) return;
  const possible = Math.floor((memory.freeBytes - fixed) / each);
  const fewer = possible > 0 ? `lower --subscribers to ${possible} or` : 'end other programs or';
  const more = memory.isLimitedByGroup ? 'raise the memory limit of this container' : 'use a machine with more memory';
  throw new BenchError(
    'machine',
    `${integer(connections)} connections need about ${megabytes(needed)} of memory and ${megabytes(memory.freeBytes)} are free: ${fewer} ${more}`,
  );
}

function megabytes(bytes: number): string {
  return `${integer(Math.round(bytes / 1e6))} MB`;
}
