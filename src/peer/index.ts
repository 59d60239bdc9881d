export { type Frame, FrameParser } from './frame-parser.js';
export { closePayload, type FrameSpec, OPCODE, writeFrame } from './frame-writer.js';
export { HandshakeRefused } from './handshake.js';
export { openPeer, type PeerOptions } from './open-peer.js';
export type { Peer, PeerClose } from './peer.js';
