import { permits } from './grants.mjs';
import { Invalid } from './invalid.mjs';
import { isObject, matches } from './match.mjs';
import { found } from './message.mjs';
import { broken } from './mistakes/index.mjs';
import { rewindTopic } from './rewind.mjs';
import { checkTopic } from './shape.mjs';
import { topicKey } from './topic.mjs';

/** The checked `resume` of a message: topic key → { epoch, offset }. Throws Invalid. */
export function readResume(list, subscriptions) {
  if (list === undefined || broken('resume-ignored')) return new Map();
  if (!Array.isArray(list)) throw new Invalid('invalid-resume', '/resume', `expected a list${found(list)}`);
  const subscribed = new Set(subscriptions.map(topicKey));
  const resume = new Map();
  for (const [index, each] of list.entries()) {
    const fail = (at, expected) => new Invalid('invalid-resume', `/resume/${index}${at}`, expected);
    checkPoint(each, fail);
    if (!subscribed.has(topicKey(each)) && !broken('resume-unsubscribed-accepted'))
      throw fail('', 'is of a topic that is not subscribed to');
    resume.set(topicKey(each), { epoch: each.epoch, offset: Number(each.offset) });
  }
  return resume;
}

function checkPoint(each, fail) {
  if (!isObject(each)) throw fail('', `expected an object${found(each)}`);
  checkTopic(each, fail);
  const { epoch, offset } = each;
  const epochMissing = epoch === undefined && broken('resume-epoch-missing-accepted');
  if ((typeof epoch !== 'string' || epoch === '') && !epochMissing) throw fail('/epoch', `expected a text${found(epoch)}`);
  if (broken('resume-offset-text-accepted') && typeof offset === 'string') return;
  if (broken('resume-negative-accepted') && offset < 0) return;
  if (!Number.isSafeInteger(offset) || offset < 0) throw fail('/offset', `expected an integer from 0 up${found(offset)}`);
}

/** Whether a point is ahead of its topic, in the same epoch. */
export function isAhead(topic, point) {
  return point !== undefined && (point.epoch === topic.epoch || broken('ahead-any-epoch')) && point.offset > topic.offset;
}

/** What is told of a topic, and what of it is replayed: { told, replay }. */
export function resumeTopic(topic, { point, subscriptions, granted }) {
  const told = {
    package: topic.package,
    page: topic.page,
    epoch: topic.epoch,
    offset: topic.offset + (broken('subscribed-offset-next') ? 1 : 0),
  };
  if (broken('epoch-number')) told.epoch = 7;
  if (broken('epoch-each-subscribe')) told.epoch = `${topic.epoch}-${Math.random()}`;
  const rewound = rewindTopic(topic, { subscriptions, granted });
  if (point === undefined) return rewound === undefined ? withoutPoint(topic, told) : withRewound(told, rewound);
  const missed = missedSince(topic, point.offset, { subscriptions, granted });
  const recovered = isRecovered(topic, { point, missed });
  const replay = recovered ? missed : broken('recovered-false-replays') ? topic.history : [];
  if (!broken('recovered-missing')) told.recovered = recovered;
  if (!broken('replayed-missing')) told.replayed = countReplayed(topic, { replay, point });
  const isLost = recovered ? broken('rewind-beside-resume') : !broken('rewind-not-when-lost');
  return rewound !== undefined && isLost ? withRewound(told, { ...rewound, before: replay }) : { told, replay };
}

function withRewound(told, { told: more, replay, before = [] }) {
  const offset = broken('rewind-offset-before') ? told.offset - replay.length : told.offset;
  return { told: { ...told, offset, ...more }, replay: [...before, ...replay] };
}

function withoutPoint(topic, told) {
  if (broken('recovered-always-there')) told.recovered = false;
  if (broken('replayed-without-recovered')) told.replayed = 0;
  return { told, replay: broken('resume-other-topics') ? topic.history : [] };
}

function countReplayed(topic, { replay, point }) {
  if (broken('replayed-all')) return Math.max(0, topic.offset - point.offset);
  return replay.length + (broken('replayed-off-by-one') ? 1 : 0);
}

function isRecovered(topic, { point, missed }) {
  if (point.epoch !== topic.epoch && !broken('recovered-wrong-epoch')) return false;
  if (point.offset > topic.offset) return broken('recovered-ahead') || broken('ahead-recovered-late');
  if (broken('recovered-current-false') && point.offset === topic.offset) return false;
  const bytes = missed.reduce((sum, entry) => sum + Buffer.byteLength(entry.text), 0);
  return point.offset >= topic.trimmed && (missed.length <= 1000 || broken('recovered-many')) && bytes <= 2_097_152;
}

function missedSince(topic, offset, { subscriptions, granted }) {
  if (broken('resume-zero-nothing') && offset === 0) return [];
  const asked = broken('resume-old-filters') ? subscriptions.filter((each) => topicKey(each) === topic.key).slice(0, 1) : subscriptions;
  const isGranted = ({ value }) => broken('grants-ignored-at-replay') || permits(granted, value);
  const isWanted = (entry) => isGranted(entry) && (broken('resume-all-filters') || asked.some((each) => matches(each, entry.value)));
  const from = broken('resume-whole-topic') ? 0 : broken('resume-includes-last') ? offset - 1 : offset;
  let missed = topic.history.filter((entry) => entry.position.offset > from && isWanted(entry));
  if (broken('resume-skips-first')) missed = missed.slice(1);
  if (broken('resume-skips-last')) missed = missed.slice(0, -1);
  if (broken('resume-only-last')) missed = missed.slice(-1);
  if (broken('resume-reversed')) missed.reverse();
  return missed;
}
