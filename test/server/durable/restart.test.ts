import { describe, expect, it } from 'vitest';
import { LogError, startBroker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { ask, connectV1, notice, publication, type Said, said, subscriptionsText, TOPIC } from '../../support/peers.js';
import { temporaryFolder } from '../log/log-folder.js';

type Told = { readonly epoch: string; readonly offset: number; readonly recovered?: boolean };

function topicOf(answer: Said): Told {
  return (answer.subscribed as unknown as { topics: readonly Told[] }).topics[0] as Told;
}

describe('a broker that is started again on its log', () => {
  it('goes on where it stood: who comes back gets what it missed (R-5.4, R-5.7)', async () => {
    await using folder = await temporaryFolder();
    const options = { data: folder.path };
    let epoch = '';
    {
      await using broker = await startTestBroker(options);
      await using peer = await connectV1(broker);
      epoch = topicOf(await ask(peer, subscriptionsText([TOPIC]))).epoch;
      await using publisher = await connectV1(broker);
      for (let number = 1; number <= 3; number++) await ask(publisher, publication(notice(number), { key: `k${number}` }));
    }
    await using broker = await startTestBroker(options);
    await using peer = await connectV1(broker);
    const answer = await ask(peer, subscriptionsText([TOPIC], { resume: [{ ...TOPIC, epoch, offset: 1 }] }));
    expect(topicOf(answer)).toMatchObject({ epoch, offset: 3, recovered: true, replayed: 2 });
    for (const offset of [2, 3]) {
      expect(await said(peer)).toEqual({ sender: 'server', notification: notice(offset), position: { epoch, offset } });
    }
    const again = await ask(peer, publication(notice(3), { key: 'k3' }));
    expect(again).toMatchObject({ receipt: { position: { epoch, offset: 3 }, matched: 0, duplicate: true } });
  });

  it('knows the epoch of a topic to which nothing was published yet (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    const tops: Told[] = [];
    for (let count = 0; count < 2; count++) {
      await using broker = await startTestBroker({ data: folder.path });
      await using peer = await connectV1(broker);
      tops.push(topicOf(await ask(peer, subscriptionsText([TOPIC]))));
    }
    expect(tops[0]).toEqual(tops[1]);
  });

  it('is refused while the first one has the folder, which takes no harm (R-5.7)', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startTestBroker({ data: folder.path });
    await expect(startBroker({ host: '127.0.0.1', port: 0, data: folder.path })).rejects.toThrow(LogError);
    await using peer = await connectV1(broker);
    expect(await ask(peer, publication(notice(1)))).toMatchObject({ receipt: { position: { offset: 1 } } });
  });

  it('without a folder begins anew (R-5.7)', async () => {
    const epochs: string[] = [];
    for (let count = 0; count < 2; count++) {
      await using broker = await startTestBroker();
      await using peer = await connectV1(broker);
      epochs.push(topicOf(await ask(peer, subscriptionsText([TOPIC]))).epoch);
    }
    expect(epochs[0]).not.toBe(epochs[1]);
  });
});
