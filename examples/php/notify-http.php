<?php

declare(strict_types=1);

/**
 * Sends one notification to a wsn broker over HTTP (`POST /notify`): what publish.php does, with nothing of WebSocket.
 *
 * Needs PHP 7.4 or newer; no extension beyond the defaults, no cURL. Copy this file, or from your own code:
 *
 *     require 'notify-http.php';
 *     wsn_post(['package' => 'amaiia_msg_srv', 'page' => 'messages', 'filters' => ['values' => '2']]);
 *
 * A broker that wants to know who publishes is given a key: the environment variable WSN_API_KEY, sent as the header X-Api-Key.
 *
 * @param array  $notification `package` and `page` are required; the strings in it must be UTF-8
 * @param string $url          where the broker listens, `http://host:port` or `https://host:port`
 * @param float  $timeout      seconds until an answer has to begin
 * @param array  $options      `key` instead of WSN_API_KEY; `ca`, a PEM file of authorities that are trusted instead of those
 *                             of the system, instead of WSN_TLS_CA; `once`, an Idempotency-Key: within two minutes the broker
 *                             sends nothing again that comes with the same one
 *
 * @return array what the broker says of it: `position`, `matched` (how many it went to) and `duplicate`
 *
 * @throws InvalidArgumentException the key or the notification cannot be sent: nothing was sent
 * @throws RuntimeException in one sentence what went wrong. Its code is the HTTP status of the refusal (400: not a valid
 *                          notification, 401: no key or an unknown one, 403: not allowed to publish this, 429: too many in a short
 *                          time), or 0 when there was no answer: then it may have been sent, or not
 */
function wsn_post(array $notification, string $url = 'http://127.0.0.1:8000', float $timeout = 5.0, array $options = []): array
{
    $json = json_encode($notification, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
    if ($json === false) {
        throw new InvalidArgumentException('the notification cannot be written as JSON: ' . json_last_error_msg());
    }
    return wsn_post_json($json, $url, $timeout, $options);
}

/** Like `wsn_post`, for a notification that is JSON already: the subscribers get these very bytes. */
function wsn_post_json(string $json, string $url = 'http://127.0.0.1:8000', float $timeout = 5.0, array $options = []): array
{
    $key = (string) ($options['key'] ?? getenv('WSN_API_KEY'));
    $once = (string) ($options['once'] ?? '');
    if (preg_match('/^[\x20-\x7E]*$/D', $key . $once) !== 1) {
        throw new InvalidArgumentException('a key has a line end or another character that a header cannot have');
    }
    $ca = (string) ($options['ca'] ?? getenv('WSN_TLS_CA'));
    if ($ca !== '' && !is_readable($ca)) {
        throw new InvalidArgumentException("cannot read the file of authorities \"$ca\" (WSN_TLS_CA)");
    }
    $headers = ['Content-Type: application/json', 'Connection: close'];
    $headers = array_merge($headers, $key === '' ? [] : ["X-Api-Key: $key"], $once === '' ? [] : ["Idempotency-Key: $once"]);
    $context = stream_context_create([
        'http' => [
            'method' => 'POST',
            'header' => $headers,
            'content' => $json,
            'timeout' => $timeout,
            'protocol_version' => 1.1,
            'follow_location' => 0,
            'ignore_errors' => true,
        ],
        'ssl' => ['verify_peer' => true, 'verify_peer_name' => true] + ($ca === '' ? [] : ['cafile' => $ca]),
    ]);
    [$status, $body] = wsn_answer(rtrim($url, '/') . '/notify', $context);
    $answer = json_decode($body, true, 64, JSON_BIGINT_AS_STRING);
    if ($status === 200 && isset($answer['receipt'])) {
        return $answer['receipt'];
    }
    $detail = is_array($answer) && is_string($answer['detail'] ?? null) ? ": {$answer['detail']}" : '';
    throw new RuntimeException("the broker at $url answered with HTTP $status$detail", $status);
}

/** @return array{int, string} the status and the body */
function wsn_answer(string $url, $context): array
{
    $warnings = '';
    set_error_handler(static function (int $level, string $warning) use (&$warnings): bool {
        $warnings .= " $warning";
        return true;
    });
    try {
        $stream = fopen($url, 'r', false, $context);
        $body = $stream === false ? false : stream_get_contents($stream);
    } finally {
        restore_error_handler();
    }
    if ($stream === false || $body === false) {
        $isUntrusted = strpos($warnings, 'certificate verify failed') !== false;
        $why = $isUntrusted ? 'its certificate is not trusted: set WSN_TLS_CA to the PEM file of its authority' : trim($warnings);
        throw new RuntimeException("no answer from $url: $why");
    }
    $head = stream_get_meta_data($stream)['wrapper_data'] ?? [];
    fclose($stream);
    return [preg_match('{^HTTP/1\.[01] (\d{3})}', (string) ($head[0] ?? ''), $found) === 1 ? (int) $found[1] : 0, $body];
}

/** `php notify-http.php JSON [URL]`: prints the receipt and exits with 0; 2 wrong use, 3 no answer, 4 refused. */
function wsn_post_main(array $arguments): int
{
    if (!is_array(json_decode($arguments[0] ?? '', true)) || count($arguments) > 2) {
        fwrite(STDERR, "Usage: php notify-http.php '{\"package\":\"amaiia_msg_srv\",\"page\":\"messages\"}' [URL]\n");
        return 2;
    }
    try {
        echo json_encode(wsn_post_json($arguments[0], $arguments[1] ?? 'http://127.0.0.1:8000')), "\n";
        return 0;
    } catch (InvalidArgumentException | RuntimeException $error) {
        fwrite(STDERR, preg_replace('/[\x00-\x1F\x7F]/', ' ', $error->getMessage()) . "\n");
        return $error instanceof InvalidArgumentException ? 2 : ($error->getCode() === 0 ? 3 : 4);
    }
}

if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    exit(wsn_post_main(array_slice($argv, 1)));
}
