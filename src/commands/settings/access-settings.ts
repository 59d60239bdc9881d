import { API_KEYS } from './api-keys.js';
import { GRANTS } from './grants.js';
import { choice, DURATION, FILE, FILE_OR_URL, NETWORKS, ORIGINS, SWITCH, TEXT, TEXTS, URL_TEXT } from './kinds.js';
import { group, type Setting } from './setting.js';

const TLS = group('tls', {
  cert: {
    name: 'tlsCert',
    flag: '--tls-cert',
    kind: FILE,
    about: 'PEM file with the certificate and its chain: TLS on every port',
    isForNewConnections: true,
  },
  key: {
    name: 'tlsKey',
    flag: '--tls-key',
    kind: FILE,
    about: 'PEM file with the private key of the certificate',
    isForNewConnections: true,
  },
  ca: {
    name: 'tlsCa',
    flag: '--tls-ca',
    kind: FILE,
    about: 'PEM file with the authorities whose client certificates are taken',
    isForNewConnections: true,
  },
  clientCert: {
    name: 'tlsClientCert',
    flag: '--tls-client-cert',
    kind: choice('mode', ['none', 'require']),
    about: 'whether a client has to show a certificate',
  },
});

const AUTH = group('auth', {
  secret: { name: 'authSecret', variable: 'WSN_AUTH_SECRET', kind: TEXT, about: 'secret of HS256, HS384 and HS512' },
  secretFile: {
    name: 'authSecretFile',
    flag: '--auth-secret-file',
    kind: FILE,
    about: 'file that holds the secret of HS256, HS384 and HS512',
  },
  publicKey: {
    name: 'authPublicKey',
    flag: '--auth-public-key',
    kind: FILE,
    about: 'PEM file with the public key or certificate that tokens are verified with',
  },
  jwks: { name: 'authJwks', flag: '--auth-jwks', kind: FILE_OR_URL, about: 'a JWKS whose keys tokens are verified with' },
  algorithms: {
    name: 'authAlgorithms',
    flag: '--auth-algorithms',
    kind: { ...TEXTS, placeholder: 'alg' },
    about: 'signature algorithms that are taken; those that fit the keys by default',
  },
  issuer: { name: 'authIssuer', flag: '--auth-issuer', kind: TEXT, about: 'what the claim iss has to be' },
  audience: { name: 'authAudience', flag: '--auth-audience', kind: TEXTS, about: 'one of these has to stand in the claim aud' },
  clockTolerance: {
    name: 'authClockToleranceMs',
    flag: '--auth-clock-tolerance',
    kind: DURATION,
    about: 'how far the clock of the issuer may be off',
  },
  queryToken: {
    name: 'authQueryToken',
    flag: '--auth-query-token',
    kind: SWITCH,
    about: 'take a token from ?token=, too, where proxies log it',
    isForNewConnections: true,
  },
  apiKeys: {
    name: 'apiKeys',
    flag: '--api-key',
    variable: 'WSN_API_KEYS',
    kind: API_KEYS,
    about: 'key of a publisher, by a name and its SHA-256 (wsn token key makes one)',
  },
  firstMessageTimeout: {
    name: 'firstMessageTimeoutMs',
    flag: '--first-message-timeout',
    kind: DURATION,
    about: 'time in which a wsn.v1 peer without a token has to send one',
    isForNewConnections: true,
  },
});

const AUTHORIZE = group('authorize', {
  url: { name: 'authorizeUrl', flag: '--authorize-url', kind: URL_TEXT, about: 'asked for the grants of every token' },
  timeout: { name: 'authorizeTimeoutMs', flag: '--authorize-timeout', kind: DURATION, about: 'time for its answer' },
  cache: { name: 'authorizeCacheMs', flag: '--authorize-cache', kind: DURATION, about: 'how long an answer is remembered' },
});

const ANONYMOUS = group('anonymous', {
  subscribe: {
    name: 'anonymousSubscribe',
    flag: '--anonymous-subscribe',
    kind: GRANTS,
    about: 'what a peer without a token may hear: all, none or grants as JSON; all by default without authentication, none with it',
  },
  publish: {
    name: 'anonymousPublish',
    flag: '--anonymous-publish',
    kind: GRANTS,
    about: 'what it may publish; without authentication all by default from this machine and --allow-publish, else none',
  },
});

const ACCESS = group('access', {
  allowPublish: {
    name: 'allowPublish',
    flag: '--allow-publish',
    kind: NETWORKS,
    about: 'addresses that may publish too, beside this machine',
  },
  allowOrigins: {
    name: 'allowOrigins',
    flag: '--allow-origin',
    kind: ORIGINS,
    about: 'origins whose pages may connect, * for any',
    isForNewConnections: true,
  },
  trustProxies: {
    name: 'trustProxies',
    flag: '--trust-proxy',
    kind: NETWORKS,
    about: 'addresses of proxies whose X-Forwarded-For is believed',
    isForNewConnections: true,
  },
  tolerant: {
    name: 'tolerant',
    flag: '--tolerant',
    kind: SWITCH,
    about: 'ignore and count invalid messages of subscribers instead of closing with 4400',
  },
});

/** The settings that say who may do what. */
export const ACCESS_SETTINGS: readonly Setting[] = [...TLS, ...AUTH, ...AUTHORIZE, ...ANONYMOUS, ...ACCESS];
