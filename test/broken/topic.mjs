import { broken } from './mistakes/index.mjs';

const separators = [
  ['topic-joined-bar', '|'],
  ['topic-joined-slash', '/'],
  ['topic-joined-dot', '.'],
  ['topic-joined-colon', ':'],
  ['topic-joined', ''],
  ['topic-joined-zero', '\0'],
];

/** One text for a package and a page, without a separator that could stand in one of them. */
export function topicKey({ package: packageName, page }) {
  for (const [mistake, separator] of separators) if (broken(mistake)) return `${packageName}${separator}${page}`;
  if (broken('offset-by-page')) return page;
  return JSON.stringify([packageName, page]);
}

/** Whether a subscription and a notification are of the same topic. */
export function sameTopic(wanted, given) {
  for (const [mistake, separator] of separators) {
    if (broken(mistake)) return wanted.package + separator + wanted.page === given.package + separator + given.page;
  }
  if (broken('page-only')) return wanted.page === given.page;
  if (!sameName(wanted.package, given.package)) return false;
  if (broken('package-only')) return true;
  if (broken('topic-star') && wanted.page === '*') return true;
  if (broken('topic-prefix') && given.page.startsWith(wanted.page)) return true;
  return sameName(wanted.page, given.page);
}

function sameName(wanted, given) {
  return form(wanted) === form(given);
}

function form(name) {
  if (broken('topic-numeric') && name.trim() !== '' && !Number.isNaN(Number(name))) return String(Number(name));
  if (broken('topic-case')) return name.toLowerCase();
  if (broken('topic-trimmed')) return name.trim();
  if (broken('topic-normalised')) return name.normalize('NFC');
  return name;
}
