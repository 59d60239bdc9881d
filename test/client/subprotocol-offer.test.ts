import { describe, expect, it } from 'vitest';
import { SubprotocolOffer } from '../../src/client/subprotocol-offer.js';

describe('SubprotocolOffer', () => {
  it.each([
    ['ws', 'Server sent no subprotocol'],
    ['Node 22', 'Server did not respond with sent protocols.'],
  ])('stops offering to a server that declined, and tries it again at once, as %s tells it (R-5.1)', (_, because) => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    expect(offer.next()).toEqual(['wsn.v1']);
    expect(offer.failed(because)).toBe(true);
    expect(offer.next()).toEqual([]);
    offer.ended();
    expect(offer.next()).toEqual([]);
  });

  it('goes on offering after a failure whose reason is another', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    expect(offer.failed('connect ECONNREFUSED 127.0.0.1:8000')).toBe(false);
    expect(offer.next()).toEqual(['wsn.v1']);
  });

  it('alternates where the platform gives no reason, as browsers do', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    expect(offer.failed(undefined)).toBe(false);
    expect(offer.next()).toEqual([]);
    offer.failed(undefined);
    expect(offer.next()).toEqual(['wsn.v1']);
  });

  it('offers again after a connection without it, for the broker may have been replaced', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    offer.failed(undefined);
    offer.ended();
    expect(offer.next()).toEqual(['wsn.v1']);
  });

  it('never gives up an offer that was accepted once', () => {
    const offer = new SubprotocolOffer(['wsn.v1']);
    offer.accepted();
    offer.failed(undefined);
    expect(offer.next()).toEqual(['wsn.v1']);
  });
});
