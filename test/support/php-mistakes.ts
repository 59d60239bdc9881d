const HERE = 'http://127.0.0.1:1';
const URL_EXPECTED = 'expected the URL of a broker such as http://127.0.0.1:8000';
const QUERY = 'the URL of the broker has a query or a fragment: give a token with the option "token"';
const TIMEOUT_EXPECTED = 'expected a timeout of more than 0 and up to 100 seconds';
const RETRIES_EXPECTED = 'expected a number of retries from 0 to 100';
const CREDENTIALS = 'the key or the token (apiKey, WSN_API_KEY, token) has a space, a line end or another character that none has';
const KEY_EXPECTED = 'expected a key of 1 to 128 bytes of UTF-8, without control characters and spaces around it';

/** A URL, PHP of options, and what the constructor of a Notifier says. */
export const WRONG_OPTIONS: readonly (readonly [url: string, options: string, message: string])[] = [
  ['127.0.0.1:8001', '[]', `${URL_EXPECTED}, found "…"`],
  ['ftp://127.0.0.1:8000', '[]', `${URL_EXPECTED}, found "…"`],
  ['http://127.0.0.1:1/a b', '[]', `${URL_EXPECTED}, found "…"`],
  // What may be a secret is not repeated.
  ['http:///notify', '[]', URL_EXPECTED],
  ['ws:///notify', '[]', URL_EXPECTED],
  ['ws://127.0.0.1:99999', '[]', URL_EXPECTED],
  ['http://user:secret@127.0.0.1:99999', '[]', URL_EXPECTED],
  ['user:secret@127.0.0.1', '[]', URL_EXPECTED],
  ['ftp://127.0.0.1/?token=secret', '[]', `${URL_EXPECTED}, found "ftp://127.0.0.1/"`],
  ['http://127.0.0.1:1/?token=secret', '[]', QUERY],
  ['https://127.0.0.1:1#secret', '[]', QUERY],
  ['http://u:p@127.0.0.1:1', '[]', 'the URL of the broker has a user or a password: give a key with the option "apiKey"'],
  [HERE, "['key' => 'x']", 'there is no option "key": expected apiKey, token, ca, timeout, retries'],
  [HERE, "['timeout' => 0]", TIMEOUT_EXPECTED],
  [HERE, "['timeout' => 101]", TIMEOUT_EXPECTED],
  [HERE, "['timeout' => 'soon']", TIMEOUT_EXPECTED],
  [HERE, "['timeout' => NAN]", TIMEOUT_EXPECTED],
  [HERE, "['retries' => -1]", RETRIES_EXPECTED],
  [HERE, "['retries' => true]", RETRIES_EXPECTED],
  [HERE, "['apiKey' => 'a b']", CREDENTIALS],
  [HERE, "['token' => 'é']", CREDENTIALS],
  [HERE, '[\'apiKey\' => "x\\r\\nX-Forwarded-For: 127.0.0.1"]', CREDENTIALS],
  [HERE, "['apiKey' => '@/no/such.key']", 'the file "/no/such.key" of a key or a token (apiKey, WSN_API_KEY, token) cannot be read'],
  [HERE, "['token' => '@/']", 'the file "/" of a key or a token (apiKey, WSN_API_KEY, token) cannot be read'],
  [HERE, "['token' => '@/dev/null']", 'the file "/dev/null" of a key or a token (apiKey, WSN_API_KEY, token) is empty'],
  [HERE, "['ca' => '/no/such.pem']", 'cannot read the file of authorities "/no/such.pem" (option "ca", WSN_TLS_CA)'],
];

/** PHP of a call, and what it says of what cannot be JSON. */
export const NOT_JSON: readonly (readonly [call: string, message: string])[] = [
  [
    '$notifier->notify(["package" => "\\xE7"])',
    'the notification cannot be written as JSON: Malformed UTF-8 characters, possibly incorrectly encoded',
  ],
  ['$notifier->notify(["package" => NAN])', 'the notification cannot be written as JSON: Inf and NaN cannot be JSON encoded'],
  ["$notifier->notifyJson('{no')", 'expected a notification, a JSON object, found: Syntax error'],
  ["$notifier->notifyJson('')", 'expected a notification, a JSON object, found: Syntax error'],
  ["$notifier->notifyJson('[]')", 'expected a notification, a JSON object, found: other JSON'],
  ["$notifier->notifyJson('null')", 'expected a notification, a JSON object, found: other JSON'],
  ['$notifier->notifyJson(\'{},"sender":"client"\')', 'expected a notification, a JSON object, found: Syntax error'],
];

/** PHP of a call, and what it says of the key. */
export const WRONG_CALLS: readonly (readonly [call: string, message: string])[] = [
  "''",
  "' a'",
  "'a '",
  '"a\\r\\nX: y"',
  '"\\xE7"',
  "str_repeat('é', 65)",
].map((key) => [`$notifier->notify(['package' => 'p', 'page' => 'q'], ${key})`, KEY_EXPECTED]);
