import { LIMITS, type Topic, utf8Length } from '../../protocol/index.js';

const ENDING = '.json';

/**
 * The file of a topic's schema, below the folder of schemas and with `/` between folder and file: `amaiia_msg_srv/messages.json`.
 * What is no letter, digit, `_`, `-` or inner dot of ASCII is there as `%` and two hexadecimal digits for each byte of
 * its UTF-8, so that no name reaches another folder. Where the file system takes `A` and `a` for the same, one of two such
 * names writes a letter like that, too: reading it takes any character in either form.
 */
export function fileNameOf({ package: name, page }: Topic): string {
  return `${encodeName(name)}/${encodeName(page)}${ENDING}`;
}

/**
 * The topic of a file.
 * @param path below the folder of schemas, with `/` between folder and file.
 * @returns undefined for a file that is in no folder, or deeper: that is only there to be referred to.
 * @throws RangeError with what is wrong with the name.
 */
export function topicOf(path: string): Topic | undefined {
  const [folder = '', file, ...deeper] = path.split('/');
  if (file === undefined || deeper.length > 0) return undefined;
  return { package: decodeName(folder), page: decodeName(file.slice(0, -ENDING.length)) };
}

function encodeName(name: string): string {
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/[!'()*~]/g, (character) => percent(character));
  return encoded.replace(/^\.|\.$/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function decodeName(encoded: string): string {
  let name: string;
  try {
    name = decodeURIComponent(encoded);
  } catch {
    throw new RangeError('found "%" without the two hexadecimal digits of a byte of UTF-8: write %25 for the character itself');
  }
  if (name === '') throw new RangeError('found no name in front of ".json": a page has one character or more');
  const bytes = utf8Length(name);
  if (bytes > LIMITS.topicNameBytes) {
    throw new RangeError(`stands for a name of ${bytes} bytes, expected at most ${LIMITS.topicNameBytes}: no topic is called so`);
  }
  return name;
}
