import { WebSocket } from 'ws';

/** The WebSocket that the commands give their client: it also tells with which HTTP status a handshake was refused. */
export class BrokerSocket extends WebSocket {
  status?: number;

  constructor(url: string, protocols?: string[]) {
    super(url, protocols);
    this.on('unexpected-response', (_, { statusCode }) => {
      if (statusCode !== undefined) this.status = statusCode;
      this.terminate(); // who listens to this event is the one to end the attempt
    });
  }
}
