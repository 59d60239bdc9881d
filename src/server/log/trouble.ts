const TROUBLES: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EDQUOT: 'the quota is used up',
  EFBIG: 'a file may not be larger',
  EIO: 'the disk failed',
  EMFILE: 'too many open files',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
};

/** What the system said, in words, with its code. */
export function describeTrouble(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const words = code === undefined ? undefined : TROUBLES[code];
  return words === undefined ? String(error instanceof Error ? error.message : error) : `${words} (${code})`;
}
