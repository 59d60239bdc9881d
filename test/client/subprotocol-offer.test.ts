import { describe, expect, it } from 'vitest';
import { SubprotocolOffer } from '../../src/client/subprotocol-offer.js';

describe('SubprotocolOffer', () => {
  it.each([
    ['ws', 'Server sent no subprotocol'],
    ['Node 22', 'Server did not respond with sent protocols.'],
  ])('stops offering to a server that declined, and tries it again at once, as %s tells it (R-5.1)', (_, because) => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    expect(offer.next()).toEqual(['wsn.v1']);
    expect(offer.failed(because, true)).toBe(true);
    expect(offer.next()).toEqual([]);
  });

  it('goes on offering after a failure whose reason is another', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    expect(offer.failed('connect ECONNREFUSED 127.0.0.1:8000', true)).toBe(false);
    expect(offer.next()).toEqual(['wsn.v1']);
  });

  it('alternates where the platform gives no reason, as browsers do', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    expect(offer.failed(undefined, true)).toBe(false);
    expect(offer.next()).toEqual([]);
    offer.failed(undefined, true);
    expect(offer.next()).toEqual(['wsn.v1']);
  });

  it('asks again when one without an offer was opened, for only then it is known why the one with it was not', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    offer.failed(undefined, true);
    expect(offer.openedBare()).toBe(true);
    expect(offer.next()).toEqual(['wsn.v1']);
    expect(offer.failed(undefined, true)).toBe(true);
    expect(offer.next()).toEqual([]);
    expect(offer.openedBare()).toBe(false);
  });

  it('offers again when a connection without an offer has ended, for the broker may have been replaced', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    offer.failed('Server sent no subprotocol', true);
    offer.openedBare();
    offer.ended();
    expect(offer.next()).toEqual(['wsn.v1']);
    expect(offer.failed(undefined, true)).toBe(true);
    expect(offer.next()).toEqual([]);
  });

  it('does not go without an offer where it must not, as with a token', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    expect(offer.failed(undefined, false)).toBe(false);
    expect(offer.next()).toEqual(['wsn.v1']);
  });

  it('never gives up an offer that was accepted once', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    offer.accepted();
    offer.failed(undefined, true);
    expect(offer.next()).toEqual(['wsn.v1']);
  });
});
