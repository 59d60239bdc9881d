import { type BrokerMessage, decodeBrokerMessage, ProtocolError } from '../../protocol/index.js';

/** What a broker has said; undefined for what is none of its messages. */
export function brokerMessage(text: string): BrokerMessage | undefined {
  try {
    return decodeBrokerMessage(text);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
