import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrokerStats } from '../broker.js';
import { listen } from '../listen.js';
import type { BrokerOptions } from '../options.js';
import type { Place } from '../ports.js';
import { sendProblem } from '../respond.js';
import { Metrics } from './metrics.js';

/** Of those who operate the broker there are few. */
const MOST_CONNECTIONS = 100;

/** What operators may ask, on a port of its own that asks nobody who he is: `GET /metrics`. */
export class AdminListener {
  readonly #server: Server;
  readonly #metrics: Metrics;
  readonly #log: BrokerOptions['log'];
  #address: AddressInfo = { address: '', family: '', port: 0 };

  constructor({ handshakeTimeoutMs, maxHeaderBytes, log }: BrokerOptions, stats: () => BrokerStats) {
    this.#metrics = new Metrics(stats);
    this.#log = log;
    const limits = {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, handshakeTimeoutMs),
      maxHeaderSize: maxHeaderBytes,
    };
    this.#server = createServer(limits, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  get address(): AddressInfo {
    return this.#address;
  }

  /** @throws Node's error (`EADDRINUSE`, …) when it cannot listen. */
  async listen(place: Place): Promise<void> {
    this.#address = await listen(this.#server, place, this.#log);
  }

  /** Ends it at once: nobody loses anything. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const path = request.url?.split('?', 1)[0];
    if (path !== '/metrics') sendProblem(response, { status: 404, detail: 'nothing is here; GET /metrics has the numbers of the broker' });
    else if (!isRead) sendProblem(response, { status: 405, detail: '/metrics answers GET' }, { Allow: 'GET, HEAD' });
    else void this.#sendMetrics(response);
  }

  async #sendMetrics(response: ServerResponse): Promise<void> {
    try {
      const text = await this.#metrics.text();
      response.writeHead(200, { 'Content-Type': this.#metrics.contentType, 'Content-Length': Buffer.byteLength(text) }).end(text);
    } catch (error) {
      this.#log.error({ err: error }, 'the metrics cannot be told');
      response.destroy();
    }
  }
}
