import { bytes } from './bytes.js';
import { connect } from './connect.js';
import { expect } from './expect.js';
import { expectClose } from './expect-close.js';
import { fault } from './fault.js';
import { fence } from './fence.js';
import { frame } from './frame.js';
import { http } from './http.js';
import { notify } from './notify.js';
import { ready } from './ready.js';
import { send } from './send.js';
import { sleep } from './sleep.js';
import { stop } from './stop.js';

/** Every step word, sorted. */
export const STEPS = [bytes, connect, expect, expectClose, fault, fence, frame, http, notify, ready, send, sleep, stop] as const;
