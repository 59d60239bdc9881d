import { type Broker, type BrokerOptions, startBroker } from '../../src/server/index.js';

/** A broker of its own for one test, on a port that the system chose; its disposal fails when a peer is left behind. */
export async function startTestBroker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, drainTimeoutMs: 2000, ...options });
  return Object.assign(broker, {
    async [Symbol.asyncDispose](): Promise<void> {
      await broker.close();
      const { peers, registry } = broker.stats();
      if (peers > 0 || registry.topics > 0) throw new Error(`the broker kept ${peers} peers and ${registry.topics} topics`);
    },
  });
}
