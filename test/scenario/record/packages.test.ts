import { describe, expect, it } from 'vitest';
import { Packages } from '../../../src/scenario/record/packages.js';

const packages = new Packages(['one', 'two', 'one']);

describe('the packages of a recording', () => {
  it.each([
    ['of a notification that is bare', '{"package":"one","page":"one"}', `{"package":"\${package}","page":"one"}`],
    ['of one that is wrapped', '{"notification":{ "package" : "two" }}', `{"notification":{ "package" : "\${package}-2" }}`],
    [
      'of each of a list',
      '{"notifications":[{"package":"two"},{"package":"one"}]}',
      `{"notifications":[{"package":"\${package}-2"},{"package":"\${package}"}]}`,
    ],
    [
      'of subscriptions and of a resume',
      '{"subscriptions":[{"package":"one"}],"resume":[{"package":"one"}]}',
      `{"subscriptions":[{"package":"\${package}"}],"resume":[{"package":"\${package}"}]}`,
    ],
    ['behind letters of several bytes', '{"é𝄞":"日","package":"one"}', `{"é𝄞":"日","package":"\${package}"}`],
  ])('become variables: those %s', (_, text, written) => {
    expect(packages.inText(text)).toBe(written);
  });

  it.each(['{"data":{"package":"one"}}', '{"package":"three"}', '{"package":1}', 'package one', '{"subscriptions":"one"}'])(
    'are not looked for elsewhere: %s',
    (text) => {
      expect(packages.inText(text)).toBe(text);
    },
  );

  it('leave a text that looks like a variable what it was', () => {
    expect(packages.inText(`{"package":"one","data":"\${package}"}`)).toBe(`{"package":"\${package}","data":"$\${package}"}`);
    expect(packages.inValue({ package: 'three', filters: { a: [`\${b}`] } })).toEqual({ package: 'three', filters: { a: [`$\${b}`] } });
  });
});
