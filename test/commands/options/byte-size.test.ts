import { describe, expect, it } from 'vitest';
import { byteSizeFrom, formatBytes, parseByteSize } from '../../../src/commands/options/byte-size.js';

describe('a size', () => {
  it.each([
    ['65536', 65_536],
    ['64KiB', 65_536],
    ['64k', 65_536],
    ['1MiB', 1_048_576],
    ['1.5MiB', 1_572_864],
    ['1GiB', 1_073_741_824],
    ['12B', 12],
  ])('%s is %d bytes', (text, bytes) => {
    expect(byteSizeFrom(0)(text)).toBe(bytes);
  });

  it.each(['', 'MiB', '-1', '1TiB', '1e6', '1 0', '99999999999GiB'])('%j is refused with an example of what is expected', (text) => {
    expect(() => byteSizeFrom(0)(text)).toThrow('such as 65536, 64KiB or 1MiB');
  });

  it('whose bounds another one knows is read without any, and refused without naming any', () => {
    expect(parseByteSize('0')).toBe(0);
    for (const text of ['1TB', '-1', '']) expect(() => parseByteSize(text)).toThrow('Expected a size, such as 65536, 64KiB or 1MiB.');
  });

  it('below the least that is allowed is refused, and the error names that', () => {
    expect(() => byteSizeFrom(1024)('1023')).toThrow('Expected a size from 1KiB');
  });

  it.each([0, 1, 1000, 1024, 1_048_576, 67_108_864, 1_073_741_824])('%d bytes are read back from how they are shown', (bytes) => {
    expect(byteSizeFrom(0)(formatBytes(bytes))).toBe(bytes);
  });
});
