/** The request's target for a log: every `token` in its query, however its name is encoded, becomes `***`. */
export function redactUrl(url: string): string {
  const start = url.indexOf('?');
  if (start < 0) return url;
  const members = url.slice(start + 1).split('&');
  return `${url.slice(0, start)}?${members.map(redactMember).join('&')}`;
}

function redactMember(member: string): string {
  const [written = ''] = member.split('=', 1);
  const isToken = new URLSearchParams(written).has('token');
  return isToken && member.length > written.length ? `${written}=***` : member;
}
