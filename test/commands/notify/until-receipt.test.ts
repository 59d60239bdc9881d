import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerFailure } from '../../../src/commands/broker/connection-failure.js';
import { type Answer, untilReceipt } from '../../../src/commands/notify/until-receipt.js';

const BROKER = { url: 'http://b', way: { headers: {}, tls: undefined, brings: undefined } };
const RECEIPT = { position: { epoch: 'k', offset: 1 }, matched: 0, duplicate: false };
const NEVER = new AbortController().signal;

/** Answers in this order. */
function answers(...given: readonly Answer[]): () => Promise<Answer> {
  const left = [...given];
  return async () => left.shift() as Answer;
}

function failed(status: number, mayHaveArrived: boolean): Answer {
  return { failure: answerFailure(BROKER, status, 'why'), retryAfterMs: 0, mayHaveArrived };
}

describe('trying until there is a receipt', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('goes on through what may get better, and says each time why it waits', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.01);
    const waits: string[] = [];
    const receipt = await untilReceipt(answers(failed(503, false), failed(502, true), { receipt: RECEIPT }), NEVER, (why) =>
      waits.push(why),
    );
    expect(receipt).toBe(RECEIPT);
    expect(waits).toEqual([503, 502].map((status) => `http://b could not do it with HTTP ${status}: why; trying again in 0.0 s`));
  });

  it('ends with what does not get better', async () => {
    await expect(untilReceipt(answers(failed(422, false)), NEVER, () => expect.unreachable())).rejects.toMatchObject({ exitCode: 4 });
  });

  it('ends with the reason of the signal while it waits', async () => {
    const controller = new AbortController();
    const ended = untilReceipt(answers(failed(503, false)), controller.signal, () => controller.abort(new Error('enough')));
    await expect(ended).rejects.toThrow('enough');
  });

  it('does not send again what may have arrived when its key may be forgotten by now (R-5.8)', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    let now = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => now);
    const given = [failed(503, false), failed(504, true), failed(503, false)];
    const later = async () => {
      now += 60_000;
      return given.shift() as Answer;
    };
    const ended = untilReceipt(later, NEVER, () => {});
    await expect(ended).rejects.toThrow(
      'http://b could not do it with HTTP 503: why; the notification may have been published, and keys are not kept for longer: sent again, it might be there twice',
    );
    expect(given).toEqual([]);
  });
});
