import { Suspension, type Work } from '../../../src/server/suspension.js';
import { FakePeer } from '../fake-peer.js';

/** A peer whose messages wait for those before them, as a connection's do. */
export class LinePeer extends FakePeer {
  readonly #suspension = new Suspension({
    began: () => {},
    over: () => {},
    failed: (error) => {
      throw error;
    },
  });

  override suspend(work: Work): void {
    this.#suspension.begin(work);
  }

  /** Acts on what the peer has sent, behind what is waited for. */
  inTurn(act: () => void): void {
    this.#suspension.inTurn(act);
  }
}
