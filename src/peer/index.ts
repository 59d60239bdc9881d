export { certificateTrouble } from './certificate-trouble.js';
export { connectSocket, type Destination } from './connect-socket.js';
export { connectionTrouble } from './connection-trouble.js';
export { type Frame, FrameParser } from './frame-parser.js';
export { closePayload, type FrameSpec, OPCODE, writeFrame } from './frame-writer.js';
export {
  acceptFor,
  checkAnswer,
  HandshakeRefused,
  readAnswer,
  type UpgradeAnswer,
  upgradeRequest,
} from './handshake.js';
export { openPeer, type PeerOptions } from './open-peer.js';
export type { Peer, PeerClose } from './peer.js';
export { reset } from './reset.js';
export { shownUrl } from './shown-url.js';
export { type Trust, trustOptions } from './trust.js';
