export { connectSocket, type Destination, type TlsOptions } from './connect-socket.js';
export { type Frame, FrameParser } from './frame-parser.js';
export { applyMask, closePayload, type FrameSpec, OPCODE, writeFrame } from './frame-writer.js';
export {
  acceptFor,
  checkAnswer,
  HandshakeRefused,
  readAnswer,
  type UpgradeAnswer,
  type UpgradeOptions,
  upgradeRequest,
} from './handshake.js';
export { openPeer, type PeerOptions } from './open-peer.js';
export type { Peer, PeerClose, ReceiveOptions } from './peer.js';
