import { narrows } from './grants.mjs';
import { broken } from './mistakes/index.mjs';
import { deliveryText } from './relay.mjs';
import { isAhead, resumeTopic } from './resume.mjs';
import { answer, sendError } from './v1-answers.mjs';

const AHEAD_MS = 2000;

/** Replaces the set of a v1 peer. A promise when a topic has to catch up with what the peer has seen. */
export function subscribeV1(session, { id, subscriptions, resume }) {
  const topics = subscriptions.map((each) => session.broker.topic(each));
  const ahead = () => topics.some((topic) => isAhead(topic, resume.get(topic.key)));
  if (!ahead() || broken('recovered-ahead') || broken('recovered-ahead-at-once')) return apply(session, { id, subscriptions, resume });
  if (broken('recovered-ahead-error'))
    return sendError(session, id, { code: 'invalid-resume', path: '/resume/0/offset', message: 'is ahead' });
  if (broken('ahead-drops-set')) session.subscribe([]);
  const waited = new Promise((resolve) => {
    const since = Date.now();
    const timer = setInterval(() => {
      const isOver = Date.now() - since >= (broken('ahead-brief') ? 300 : broken('ahead-for-ever') ? 60_000 : AHEAD_MS);
      if (!isOver && (ahead() || broken('ahead-always-whole'))) return;
      clearInterval(timer);
      apply(session, { id, subscriptions, resume });
      resolve();
    }, 20);
  });
  return broken('ahead-others-pass') ? undefined : waited;
}

/** One step: read the history, queue the answer and the replay, swap the set. */
function apply(session, { id, subscriptions, resume }) {
  const before = new Set(session.topics());
  const parts = topicsOf(session, subscriptions).map((topic) => ({
    topic,
    ...resumeTopic(topic, { point: resume.get(topic.key), subscriptions, granted: session.identity?.subscribe ?? 'all' }),
  }));
  const replay = inOrder(parts, resume);
  const told = (broken('subscribed-new-only') ? parts.filter(({ topic }) => !before.has(topic)) : parts).map((part) => part.told);
  if (broken('epoch-of-connection')) for (const each of told) each.epoch = session.name;
  for (const each of told) if (narrows(session.identity?.subscribe ?? 'all', each)) each.narrowed = true;
  if (broken('resume-before-answer')) send(session, replay);
  acknowledge(session, id, told);
  if (broken('pong-early')) setTimeout(() => session.subscribe(subscriptions), 30);
  if (broken('resume-late')) setTimeout(() => send(session, replay), 30);
  else if (!broken('resume-before-answer')) send(session, replay);
  const rewound = parts.filter((part) => part.told.rewound > 0).flatMap((part) => part.replay);
  if (broken('rewind-repeats-live')) send(session, rewound.slice(-1));
  if ((broken('resume-gap') && resume.size > 0) || (broken('rewind-gap') && rewound.length > 0))
    setTimeout(() => session.subscribe(subscriptions), 20);
  else if (!broken('pong-early')) session.subscribe(subscriptions);
}

function topicsOf(session, subscriptions) {
  const topics = subscriptions.map((each) => session.broker.topic(each));
  if (broken('subscribed-repeated')) return topics;
  const once = [...new Set(topics)];
  if (broken('subscribed-sorted')) once.sort((a, b) => (a.key < b.key ? -1 : 1));
  return broken('subscribed-reversed') ? once.reverse() : once;
}

function inOrder(parts, resume) {
  const asked = [...resume.keys()];
  const sorted = broken('resume-topics-asked') ? [...parts].sort((a, b) => asked.indexOf(a.topic.key) - asked.indexOf(b.topic.key)) : parts;
  const replay = sorted.flatMap((part) => part.replay);
  if (broken('resume-mixed')) replay.sort((a, b) => a.number - b.number);
  return replay;
}

function acknowledge(session, id, topics) {
  if (broken('subscribed-missing') || (broken('subscribed-empty-unanswered') && topics.length === 0)) return;
  const tell = () => answer(session, id, { subscribed: broken('subscribed-list') ? topics : { topics } });
  if (broken('subscribed-late')) setTimeout(tell, 30);
  else tell();
}

function send(session, replay) {
  for (const entry of broken('resume-twice-live') ? [...replay, ...replay.slice(-1)] : replay) {
    const text = broken('resume-reencoded') ? JSON.stringify(entry.value) : entry.text;
    const position = broken('resume-position-new') ? replay.at(-1).position : entry.position;
    session.connection.sendText(
      deliveryText({ ...entry, text }, broken('resume-no-position') || broken('position-missing') ? undefined : position),
    );
  }
}
