import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LifeSign } from '../../src/client/life-sign.js';

describe('LifeSign', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls a line dead when two heartbeats were missed, and half of one for the way (R-5.6)', () => {
    const onSilence = vi.fn();
    new LifeSign(1000, onSilence);
    vi.advanceTimersByTime(2499);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence).toHaveBeenCalledExactlyOnceWith('nothing heard for 2.5 s');
  });

  it('counts from the last message', () => {
    const onSilence = vi.fn();
    const lifeSign = new LifeSign(1000, onSilence);
    vi.advanceTimersByTime(2000);
    lifeSign.heard();
    vi.advanceTimersByTime(2499);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence).toHaveBeenCalledOnce();
  });

  it('watches nothing when the broker promises nothing', () => {
    new LifeSign(0, () => expect.unreachable());
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer when it is stopped', () => {
    new LifeSign(1000, () => expect.unreachable()).stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
