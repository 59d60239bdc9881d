import { checkClose, closePayload } from './closing.mjs';
import { Fragments, mebibyte } from './fragments.mjs';
import { decodeFrame, encodeFrame, opcodes, Violation } from './frames.mjs';
import { cutReason } from './invalid.mjs';
import { broken } from './mistakes/index.mjs';
import { settings } from './settings.mjs';

/** The fragments of everybody: a mistake. */
const shared = new Fragments();

/** A text of more than 64 KiB in two frames, none of which continues the other: a mistake. */
function split(opcode, payload) {
  if (opcode !== opcodes.text || payload.length <= 65_536) return encodeFrame(opcode, payload);
  const [first, second] = [payload.subarray(0, 65_536), payload.subarray(65_536)].map((part) => encodeFrame(opcode, part));
  if (broken('frame-split-texts')) first[0] &= 0x7f;
  return Buffer.concat([first, second]);
}

/** A WebSocket over a socket: whole texts go up to `session.text`, which may return a promise to be waited for. */
export class Connection {
  #received = Buffer.alloc(0);
  #fragments = broken('fragments-shared') ? shared : new Fragments();
  #waiting = false;
  #closeSent = false;
  #over = false;
  #segment = 0;
  #servedInSegment = -1;

  constructor(socket) {
    this.socket = socket;
    this.session = undefined;
    this.alive = true;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.feed(chunk));
    socket.on('end', () => this.#waiting || socket.end());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.session.gone());
  }

  /** Whether it reads nothing, because a message before has to be done first. */
  get waiting() {
    return this.#waiting;
  }

  get closing() {
    return this.#closeSent;
  }

  feed(chunk) {
    this.#segment++;
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#read();
    if (broken('read-split')) this.#received = Buffer.alloc(0);
  }

  #read() {
    while (!this.#waiting && !this.#over) {
      try {
        const frame = decodeFrame(this.#received, this.#fragments.room);
        if (frame === undefined) return;
        this.#received = this.#received.subarray(frame.size);
        const isFragment = !frame.final || frame.opcode === opcodes.continuation;
        if (isFragment ? !broken('heartbeat-no-fragments') : !broken('heartbeat-pong-only') || frame.opcode === opcodes.pong)
          this.alive = true;
        this.#frame(frame);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        this.fail(error);
      }
    }
  }

  #frame(frame) {
    if (broken('read-empty-frame') && frame.payload.length === 0 && frame.opcode < 8) return this.socket.end();
    if (frame.opcode === opcodes.ping) return this.#ping(frame);
    if (frame.opcode === opcodes.close) return this.#peerCloses(frame.payload);
    if (frame.opcode === opcodes.pong) return this.#pong();
    if (frame.opcode > opcodes.binary) return undefined;
    if (broken('fragments-pong-each') && !frame.final) this.write(opcodes.pong, Buffer.alloc(0));
    const wanted = frame.opcode === opcodes.binary && this.session.v1 && broken('error-binary-kept');
    const text = wanted ? 'binary' : this.#fragments.add(frame);
    if (text === undefined) return undefined;
    for (const payload of this.#fragments.latePings.splice(0)) this.write(opcodes.pong, payload);
    return this.#text(text);
  }

  #text(text) {
    if (broken('lose-second-in-segment') && this.#servedInSegment === this.#segment) return;
    if (broken('lose-over-64k') && text.length > 65_536) return;
    this.#servedInSegment = this.#segment;
    const later = broken('lose-before-close') && this.#received.length > 0 && (this.#received[0] & 0x0f) === opcodes.close;
    if (!later) this.#wait(this.session.text(text));
  }

  /** Reads on when the promise is settled, so that messages and pings keep their order. */
  #wait(promise) {
    if (promise === undefined) return;
    this.#waiting = true;
    promise.finally(() => {
      this.#waiting = false;
      if (this.socket.readableEnded) this.socket.end();
      this.#read();
    });
  }

  #ping({ payload }) {
    if (broken('pong-missing')) return;
    if (this.#fragments.begun) {
      if (broken('fragments-ping-unanswered')) return;
      if (broken('fragments-reset-by-control')) this.#fragments = new Fragments();
      if (broken('fragments-ping-late')) return void this.#fragments.latePings.push(payload);
    }
    const answer = broken('pong-empty') ? Buffer.alloc(0) : broken('ping-125-cut') ? payload.subarray(0, 64) : payload;
    this.write(broken('pong-as-ping') ? opcodes.ping : opcodes.pong, answer);
    if (broken('pong-twice')) this.write(opcodes.pong, answer);
  }

  #pong() {
    if (broken('pong-refused')) throw new Violation(1002, 'nobody asked for this pong');
    if (this.#fragments.begun && broken('fragments-reset-by-control')) this.#fragments = new Fragments();
  }

  #peerCloses(payload) {
    if (this.#fragments.begun && broken('close-in-fragments-ignored')) return;
    if (!this.#closeSent) checkClose(payload);
    if (broken('close-data-after')) this.#serveRest();
    this.#over = true;
    this.session.gone();
    if (broken('close-unanswered')) return;
    if (!this.#closeSent && !broken('close-cut')) this.write(opcodes.close, closePayload(payload));
    this.#closeSent = true;
    if (!broken('close-tcp-left')) this.#letGo();
  }

  #serveRest() {
    let frame = decodeFrame(this.#received, mebibyte);
    while (frame !== undefined) {
      this.#received = this.#received.subarray(frame.size);
      if (frame.opcode === opcodes.text) this.session.text(frame.payload.toString());
      frame = decodeFrame(this.#received, mebibyte);
    }
  }

  sendText(text, { evenAfterClose = false } = {}) {
    if (this.#closeSent && !evenAfterClose) return;
    const payload = Buffer.from(text, broken('relay-latin1') ? 'latin1' : 'utf8');
    if (broken('lose-long-delivery') && payload.length > 65_535) return;
    this.#put(opcodes.text, payload);
  }

  ping() {
    this.write(opcodes.ping, Buffer.from('still there?'));
  }

  write(opcode, payload) {
    if (!this.#closeSent) this.#put(opcode, payload);
  }

  #put(opcode, payload) {
    if (this.socket.writable)
      this.socket.write(broken('frame-split-texts') || broken('frame-split-final') ? split(opcode, payload) : encodeFrame(opcode, payload));
    if (this.socket.writableLength > settings.maxOutbox) this.socket.destroy();
  }

  /** Sends a close frame; what the peer sends up to its own close frame still goes to the session. */
  close(code, reason = '', { keep = false } = {}) {
    if (this.#closeSent) return;
    const head = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) head.writeUInt16BE(code);
    this.write(opcodes.close, Buffer.concat([head, cutReason(reason)]));
    this.#closeSent = true;
    if (!keep) setTimeout(() => this.socket.destroy(), 1000).unref();
  }

  /** Closes after an error of RFC 6455: nothing more is read from the peer. */
  fail({ code, message }) {
    this.#over = true;
    const same = broken('code-1002-always') || (code === 1009 && broken('code-1002-too-big'));
    const told = broken('code-4400-always') ? 4400 : same ? 1002 : code;
    if (told === 1007 && broken('code-1002-not-utf8')) this.close(1002, message);
    else if (told === 1003 && broken('code-1002-binary')) this.close(1002, message);
    else this.close(told, message);
    this.socket.end();
  }

  cut() {
    this.#over = true;
    this.socket.destroy();
  }

  #letGo() {
    this.socket.end();
    setTimeout(() => this.socket.destroy(), 1000).unref();
  }
}
