/** What a notification is about: the pair of package and page. */
export interface Topic {
  readonly package: string;
  readonly page: string;
}

/**
 * A string that is equal for equal topics and different for different ones, to be used as a key of a map.
 * The length in front keeps `"a|b","c"` apart from `"a","b|c"` whatever the names contain.
 */
export function topicKey(topic: Topic): string {
  return `${topic.package.length}:${topic.package}${topic.page}`;
}
