import type { Access, Dialect } from '../../src/protocol/index.js';
import { Flusher } from '../../src/server/flusher.js';
import { Outbox } from '../../src/server/outbox.js';
import type { Peer } from '../../src/server/peer.js';
import type { Membership } from '../../src/server/registry/membership.js';
import type { Work } from '../../src/server/suspension.js';
import { FakeSocket } from './fake-socket.js';

/** A connected peer without a connection: its outbox is real, its socket a fake. */
export class FakePeer implements Peer {
  readonly id: string;
  readonly dialect: Dialect;
  readonly address = '192.0.2.1';
  readonly caller = { address: '192.0.2.1', headers: {}, rawHeaders: [], url: '' };
  readonly isDirect = true;
  readonly isForPublishers = true;
  readonly identity = undefined;
  readonly meter = undefined;
  access: Access = { subscribe: 'all', publish: [] };
  readonly socket = new FakeSocket();
  readonly outbox: Outbox;
  memberships: readonly Membership[] = [];
  isOpen = true;
  /** The codes with which it was dropped. */
  readonly drops: number[] = [];

  constructor(
    id: string,
    dialect: Dialect = 'base',
    flusher = new Flusher({ maxOutboxBytes: 4 * 1024 * 1024, slowReaderTimeoutMs: 10_000 }),
  ) {
    this.id = id;
    this.dialect = dialect;
    this.outbox = new Outbox(this, this.socket, flusher);
  }

  become(): void {}

  /** What it publishes is settled at once. */
  readonly isUnsettled = false;

  begun(): void {}

  settled(): void {}

  whenSettled(act: () => void): void {
    act();
  }

  served(): void {
    this.close();
  }

  suspend(_work: Work): void {}

  close(): void {
    this.isOpen = false;
  }

  drop(code: number): void {
    this.drops.push(code);
    this.isOpen = false;
  }

  /** Lets all leave that waits for the peer, in its audience too. */
  flush(): void {
    for (const membership of this.memberships) membership.audience?.catchUp(membership);
    this.outbox.flush();
  }

  /** The messages that wait for the peer or have left, parsed. */
  received(): unknown[] {
    this.flush();
    return this.socket.messages.map((message) => JSON.parse(message));
  }
}
