import { describe, expect, it } from 'vitest';
import { acceptFor, checkAnswer, HandshakeRefused, readAnswer, upgradeRequest } from '../../src/peer/index.js';

const read = (text: string, method?: string) => readAnswer(Buffer.from(text, 'latin1'), method);

describe('an upgrade request', () => {
  it('asks by GET and HTTP/1.1, and may ask by anything else', () => {
    const place = { host: '::1', port: 80 };
    expect(upgradeRequest(place).text).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: \[::1\]:80\r\n/);
    expect(upgradeRequest({ ...place, path: '/a', method: 'POST', version: '1.0' }).text).toMatch(/^POST \/a HTTP\/1\.0\r\n/);
  });

  it('says which Sec-WebSocket-Accept has to answer it, also for a key that is given', () => {
    expect(upgradeRequest({ host: 'a', port: 1, headers: { 'sec-websocket-key': 'key' } }).accept).toBe(acceptFor('key'));
    expect(upgradeRequest({ host: 'a', port: 1, headers: { 'sec-websocket-key': undefined } }).accept).toBeUndefined();
  });
});

describe('the head of an answer', () => {
  it.each([
    ['HTTP/1.1 101 Switching Protocols', 101],
    ['HTTP/1.1 101', 101],
    ['HTTP/1.1 101 ', 101],
    ['HTTP/1.1 101 Web Socket Protocol Handshake: é', 101],
    ['HTTP/1.1 101\tOK', 101],
    ['HTTP/1.0 400 Bad Request', 400],
  ])('may begin with %j', (line, status) => {
    expect(read(`${line}\r\nX: y \r\n\r\nrest`)).toMatchObject({ status, headers: { x: 'y' } });
  });

  it.each(['HTTP/1.1 1011 x', 'HTTP/2 200', 'http/1.1 200', 'HTTP/1.1 20', ''])('cannot begin with %j', (line) => {
    expect(() => read(`${line}\r\n\r\n`)).toThrow(`expected an HTTP response, found ${JSON.stringify(line)}`);
  });

  it('is awaited until its empty line, and not beyond 64 KiB', () => {
    expect(read('HTTP/1.1 200 OK\r\nA: b\r\n')).toBeUndefined();
    expect(() => read('x'.repeat(65_537))).toThrow('found no end of its head in 65537 bytes');
  });
});

describe('the body of an answer', () => {
  it('is as long as Content-Length says; what follows is not part of it', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
    expect(read(`${head}1234`)).toMatchObject({ isComplete: false, rest: Buffer.from('1234') });
    expect(read(`${head}12345HTTP/1.1`)).toMatchObject({ isComplete: true, rest: Buffer.from('12345'), length: head.length + 5 });
  });

  it('may come in chunks, with a trailer section', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n';
    const body = '3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n';
    const whole = read(`${head}${body}next`);
    expect(whole).toMatchObject({ isComplete: true, length: head.length + body.length });
    expect(whole?.rest.toString()).toBe('abc0123456789');
    for (let end = 0; end < body.length; end++) expect(read(head + body.slice(0, end))?.isComplete).toBe(false);
    expect(read(`${head}0\r\n\r\n`)).toMatchObject({ isComplete: true, rest: Buffer.alloc(0) });
  });

  it.each(['-6', '-1', 'x', ''])('is not complete where the length of a chunk is %j', (size) => {
    expect(read(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\nabc\r\n0\r\n\r\n`)?.isComplete).toBe(false);
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
    ['POST', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('is none after %s and %j', (method, head) => {
    expect(read(`${head}next`, method)).toMatchObject({ isComplete: true, rest: Buffer.alloc(0), length: head.length });
  });

  it('ends with the connection when nothing says its length', () => {
    expect(read('HTTP/1.0 400 Bad\r\n\r\nwhy')).toMatchObject({ isComplete: false, rest: Buffer.from('why') });
  });

  it('is frames after a 101, whatever the headers say', () => {
    expect(read('HTTP/1.1 101 S\r\nContent-Length: 1\r\n\r\nframes')).toMatchObject({ isComplete: true, rest: Buffer.from('frames') });
  });
});

describe('an answer to an upgrade request', () => {
  it('has to be 101, with the Sec-WebSocket-Accept that was expected', () => {
    const answer = (text: string) => read(text) ?? expect.fail('no answer');
    expect(() => checkAnswer(answer('HTTP/1.0 403 No\r\n\r\n'), 'a')).toThrow(HandshakeRefused);
    expect(() => checkAnswer(answer('HTTP/1.1 101 S\r\n\r\n'), 'a')).toThrow('expected Sec-WebSocket-Accept a, found none');
    expect(() => checkAnswer(answer('HTTP/1.1 101 S\r\nsec-websocket-accept: a\r\n\r\n'), 'a')).not.toThrow();
  });
});
