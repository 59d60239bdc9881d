import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../bench-error.js';
import { type Board, total } from '../record/board.js';
import { monotonicMs } from '../traffic/clock.js';
import type { Crew } from './crew.js';

/** Canaries of the beginning ask who hears; those of the end say that nothing comes behind them. */
const OPENING = 1;
const CLOSING = 2;

/** Who has not heard gets another one after so long: a broker without acknowledgement may not have read the subscription yet. */
const REPEAT_MS = 250;
const POLL_MS = 10;
const CLOSING_MS = 2000;

/**
 * Sends canaries to the channels of those that have not heard one, again and again. The base protocol acknowledges no
 * subscription, so that this alone shows, on any server, that it is in force.
 * @returns how many never heard one.
 * @throws BenchError when nobody did.
 */
export async function openingRounds(crew: Crew, board: Board, withinMs: number): Promise<number> {
  const until = monotonicMs() + withinMs;
  let refused: string | null = null;
  for (;;) {
    const { subscribers, channels, why } = await crew.silent(OPENING);
    if (subscribers === 0 && total(board, 'ready') === 0) {
      throw new BenchError('refused', `no subscriber received a canary before its connection ended: ${why ?? 'nobody knows why'}`);
    }
    if (subscribers === 0) return 0;
    if (monotonicMs() >= until) {
      if (subscribers < honestAndConnected(board)) return subscribers;
      throw new BenchError('refused', nobodyHears(withinMs, refused ?? why));
    }
    refused = (await crew.sendCanaries(OPENING, channels)).first ?? refused;
    await untilHeard(crew, OPENING, Math.min(until, monotonicMs() + REPEAT_MS));
  }
}

/**
 * A last canary to everybody: one topic has one order, so whatever the broker still had to deliver has come
 * before it, second copies too.
 * @returns whether everybody got it.
 */
export async function closingRound(crew: Crew, board: Board): Promise<boolean> {
  if (honestAndConnected(board) === 0) return false;
  const { channels } = await crew.silent(CLOSING);
  const sent = crew.sendCanaries(CLOSING, channels);
  const isHeard = await untilHeard(crew, CLOSING, monotonicMs() + CLOSING_MS);
  await sent;
  return isHeard;
}

async function untilHeard(crew: Crew, round: number, until: number): Promise<boolean> {
  for (;;) {
    if ((await crew.silent(round)).subscribers === 0) return true;
    if (monotonicMs() >= until) return false;
    await sleep(POLL_MS);
  }
}

function honestAndConnected(board: Board): number {
  return total(board, 'connected');
}

function nobodyHears(withinMs: number, refused: string | null): string {
  const because = refused === null ? 'is it a broker of this protocol?' : `it said: ${refused}`;
  return `no subscriber received a canary within ${withinMs / 1000} s, so there is nothing to measure; ${because}`;
}
