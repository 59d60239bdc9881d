// A process that appends to a log until it is killed: `node appender.mjs FOLDER DURABILITY BYTES`. It writes a line for
// each thing that the log tells, when it does. It uses the built library, for what vitest runs cannot be forked.
import { writeSync } from 'node:fs';
import { openLog } from '../../../dist/src/server/log/open-log.js';
import { SILENT } from '../../../dist/src/server/observe.js';

const [folder = '', durability = 'batched', bytes = '300'] = process.argv.slice(2);
const payload = Buffer.alloc(Number(bytes), 'x');

/** @param {string} line */
function tell(line) {
  writeSync(1, `${line}\n`);
}

/** The offset of each sequence that is not committed. */
const offsets = new Map();
let offset = 0;

const events = {
  /** @param {number} sequence */
  committed(sequence) {
    for (const each of offsets.keys()) {
      if (each > sequence) break;
      tell(`committed ${offsets.get(each)}`);
      offsets.delete(each);
    }
  },
  /** @param {string} because */
  failed(because) {
    offsets.clear();
    tell(`failed ${because}`);
  },
  recovered: () => tell('recovered'),
};

const { writer, damage } = await openLog(
  { folder, durability: durability === 'fsync' ? 'fsync' : 'batched', log: SILENT, segmentBytes: 64 * 1024 },
  events,
  (record) => {
    if (record.kind === 'notification') offset = record.offset;
  },
);
tell(damage === undefined ? `opened ${offset}` : `damaged ${damage}`);

function append() {
  for (let count = 0; count < 10 && writer.isWritable; count += 1) {
    offset += 1;
    writer.segment();
    const sequence = writer.append({ kind: 'notification', topicId: 1, offset, at: 0, values: 0, key: undefined, payload });
    offsets.set(sequence, offset);
  }
  if (writer.isWritable) setImmediate(append);
  else setTimeout(append, 20);
}
append();
