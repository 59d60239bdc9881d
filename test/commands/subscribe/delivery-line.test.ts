import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/client/index.js';
import { jsonLine, readableLine } from '../../../src/commands/subscribe/delivery-line.js';

const pen = new Chalk({ level: 0 });
const NOON = new Date(2026, 0, 2, 12, 0, 5);

function delivery(notification: string, position?: { epoch: string; offset: number }): Delivery {
  const text = `{"sender":"server","notification":${notification}${position ? `,"position":${JSON.stringify(position)}` : ''}}`;
  return { text, notification: JSON.parse(notification), ...(position ? { position } : {}) };
}

describe('a delivery as JSON', () => {
  it('keeps the notification as it was published: numbers, order, members that nobody knows (R-2.3)', () => {
    const notification = '{"page":"q","package":"p","data":{"id":12345678901234567890,"x":85.0},"new":"\\u00e9"}';
    expect(jsonLine(delivery(notification, { epoch: 'k3', offset: 7 }))).toBe(
      `{"notification":${notification},"position":{"epoch":"k3","offset":7}}`,
    );
  });

  it('has escapes for what could act on a terminal, also where there are tabs between values', () => {
    const notification = '{"package":"p",\t"page":"q","message":"\u009b2J\u007f\u2028\u202e","\u2066":1}';
    const line = jsonLine(delivery(notification));
    expect(line).toContain('"message":"\\u009b2J\\u007f\\u2028\\u202e","\\u2066":1');
    expect(JSON.parse(line)).toEqual({ notification: JSON.parse(notification) });
  });

  it('has no position where the broker gave none', () => {
    expect(jsonLine(delivery('{"package":"p","page":"q"}'))).toBe('{"notification":{"package":"p","page":"q"}}');
  });

  it('is one line also when it was published on several', () => {
    const line = jsonLine(delivery('{\n  "package": "p",\r\n\t"page": "q",\n"message":"a\\nb"\n}'));
    expect(line).not.toMatch(/[\r\n]/);
    expect(JSON.parse(line)).toEqual({ notification: { package: 'p', page: 'q', message: 'a\nb' } });
  });

  it('is still printed when it is nested deeper than this protocol allows', () => {
    const deep = `${'['.repeat(80)}1${']'.repeat(80)}`;
    expect(JSON.parse(jsonLine(delivery(`{"package":"p","page":"q","data":${deep}}`)))).toEqual({
      notification: { package: 'p', page: 'q', data: JSON.parse(deep) },
    });
  });
});

describe('a delivery for people', () => {
  it('tells time, topic and position, message, data', () => {
    const notification = '{"package":"p","page":"q","data":{"id":12345678901234567890},"message":"Nouveau message reçu"}';
    expect(readableLine(delivery(notification, { epoch: 'k3', offset: 7 }), NOON, pen)).toBe(
      '12:00:05  p/q #7  Nouveau message reçu  {"id":12345678901234567890}',
    );
  });

  it('leaves out what is not there', () => {
    expect(readableLine(delivery('{"package":"p","page":"q"}'), NOON, pen)).toBe('12:00:05  p/q');
  });

  it('escapes what could act on the terminal', () => {
    const line = readableLine(delivery('{"package":"p\\u001b[2J","page":"q","message":"a\\nb\\u009b","data":"\u009b"}'), NOON, pen);
    expect(line).toBe('12:00:05  p\\u001b[2J/q  a\\u000ab\\u009b  "\\u009b"');
  });
});
