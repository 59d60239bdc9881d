import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attributeText, markupText } from '../../src/document/markup-text.js';

it.each([
  ['<a href="x">&\'</a>', '&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;'],
  ['\u0000\u001b[2J\u007f\u009b', '\\u0000\\u001b[2J\\u007f\\u009b'],
  ['a\n\tb\r', 'a\n\tb\\u000d'],
  ['\u202eevil\u2066\u200f\u2028', '\\u202eevil\\u2066\\u200f\\u2028'],
  ['\ud800 \ufffe \uffff 😀 é', '\\ud800 \\ufffe \\uffff 😀 é'],
])('writes %j as %j', (text, markup) => {
  expect(markupText(text)).toBe(markup);
});

it('keeps line breaks of an attribute', () => {
  expect(attributeText('a\n\tb')).toBe('a&#10;&#9;b');
});

it('leaves nothing that XML 1.0 does not allow', () => {
  const allowed = /^[\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => allowed.test(markupText(text)) && !/[<>"']/.test(markupText(text))));
});
