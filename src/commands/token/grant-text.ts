import { ANY_NAME, type Grant, membersOf } from '../../protocol/index.js';

/** A grant in words: `every page of amaiia_msg_srv where {"values":{"channel":["2"]}}`. Names are a peer's text. */
export function grantText({ package: name, page, filters }: Grant): string {
  const members = membersOf(filters);
  const where = Object.keys(members).length === 0 ? '' : ` where ${JSON.stringify(members)}`;
  return `${topicText(name, page)}${where}`;
}

function topicText(name: string, page: string): string {
  if (name === ANY_NAME) return page === ANY_NAME ? 'everything' : `page ${page} of every package`;
  return page === ANY_NAME ? `every page of ${name}` : `${name}/${page}`;
}
