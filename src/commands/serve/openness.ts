import type { GrantList } from '../../protocol/index.js';
import { type Configuration, settingValue } from '../settings/configuration.js';

/** Of what kinds tokens and keys are, in words; empty where nobody is authenticated. */
export function authenticatedBy(configuration: Configuration): readonly string[] {
  const has = (...names: readonly Parameters<typeof settingValue>[1][]) =>
    names.some((name) => settingValue(configuration, name) !== undefined);
  const keys = settingValue(configuration, 'apiKeys').length;
  return [
    ...(has('authSecret', 'authSecretFile', 'authPublicKey', 'authJwks', 'authorizeUrl') ? ['tokens'] : []),
    ...(keys === 0 ? [] : [keys === 1 ? 'an API key' : `${keys} API keys`]),
  ];
}

/**
 * What is open to whom, in a sentence (R-7.1, R-7.3).
 * @param isPublic whether other machines can connect.
 */
export function opennessText(configuration: Configuration, isPublic: boolean): string {
  const kinds = authenticatedBy(configuration);
  const sentence = `publishing is open to ${publishers(configuration, isPublic)}, subscribing to ${subscribers(configuration, isPublic)}`;
  return kinds.length === 0 ? sentence : `authenticated by ${kinds.join(' and ')}; without one ${sentence}`;
}

/** Limits that the operator has switched off, by their names. */
export function unlimited(configuration: Configuration): readonly string[] {
  return configuration.settings
    .filter(({ setting, value }) => setting.group === 'limits' && value === 0)
    .map(({ setting }) => setting.path);
}

function publishers(configuration: Configuration, isPublic: boolean): string {
  const grants = settingValue(configuration, 'anonymousPublish');
  const listed = settingValue(configuration, 'allowPublish');
  if (grants === 'all') return everyone(isPublic);
  const isOwn = grants === undefined && authenticatedBy(configuration).length === 0;
  if (isOwn && listed.length === 0) return 'this machine only';
  const within = grants === undefined || grants.length === 0 ? [] : [granted(grants, isPublic)];
  const all = [...(isOwn ? ['this machine'] : within), ...listed];
  return all.length === 0 ? 'nobody' : all.join(' and ');
}

function subscribers(configuration: Configuration, isPublic: boolean): string {
  const grants = settingValue(configuration, 'anonymousSubscribe') ?? (authenticatedBy(configuration).length === 0 ? 'all' : []);
  return granted(grants, isPublic);
}

function granted(grants: GrantList, isPublic: boolean): string {
  if (grants === 'all') return everyone(isPublic);
  if (grants.length === 0) return 'nobody';
  return `${everyone(isPublic)} within ${grants.length === 1 ? 'a grant' : `${grants.length} grants`}`;
}

function everyone(isPublic: boolean): string {
  return isPublic ? 'everyone' : 'this machine';
}
