<?php

declare(strict_types=1);

namespace Wsn;

require_once __DIR__ . '/NotifierException.php';

/**
 * Publishes notifications through a wsn broker.
 *
 * Needs PHP 7.4 or newer, and no package. Copy this file, NotifierException.php and, for ws://, EphemeralSocket.php:
 *
 *     require 'Notifier.php';
 *     $notifier = new Wsn\Notifier('http://127.0.0.1:8000');
 *     $notifier->notify([
 *         'package' => 'amaiia_msg_srv',
 *         'page' => 'messages',
 *         'filters' => ['values' => '2'],
 *         'data' => ['messageId' => '12345', 'channelId' => '2'],
 *         'message' => 'Nouveau message reçu',
 *     ]);
 *
 * The URL decides how:
 *
 *     http:// https://   `POST /notify` with cURL (ext-curl), over one connection that is kept for the next notifications. Each
 *                        has a key, so that what is sent twice is published once, and there is a receipt.
 *     ws:// wss://       a connection for each notification: open, send, wait for the close; no extension for ws://, ext-openssl
 *                        for wss://. There are no keys and no receipts: what may have been sent is not sent again.
 */
final class Notifier
{
    private const DEFAULTS = [
        /** Key of a publisher, `wsn token key` makes one, or `@FILE` that has it; WSN_API_KEY of the environment, unless there is a `token`. */
        'apiKey' => null,
        /** A token (JWT) that lets its bearer publish, or `@FILE` that has it. */
        'token' => null,
        /** PEM file of the authorities to trust instead of those of the system; WSN_TLS_CA of the environment. */
        'ca' => null,
        /** After so many seconds notify() is back or has thrown, tries and waits included; up to 100. */
        'timeout' => 5.0,
        /** How often it is tried again, if that is safe and there is time; it waits in between, longer if the broker asks for it. */
        'retries' => 2,
    ];
    /** In s. The broker remembers a key for two minutes; later, what is sent again might be there twice. */
    private const LONGEST_TIMEOUT = 100;
    private const FIRST_WAIT = 0.2;
    /** More than any receipt or refusal has. */
    private const LONGEST_ANSWER = 65536;

    private string $url;
    /** Without a query, which may hold a token. */
    private string $shownUrl;
    /** With which the broker knows who publishes. */
    private array $headers;
    private string $ca;
    private float $timeout;
    private int $retries;
    private bool $isHttp;
    /** @var resource|\CurlHandle|null */
    private $curl = null;

    /**
     * Connects to nothing yet.
     *
     * @param string $url     where the broker listens: `http://host:port`, `https:`, `ws:` or `wss:`
     * @param array  $options apiKey, token, ca, timeout, retries; see DEFAULTS
     *
     * @throws \InvalidArgumentException a bad URL or option, or an extension that is missing
     */
    public function __construct(string $url, array $options = [])
    {
        $this->url = $url;
        $this->shownUrl = preg_replace('/[?#].*/s', '', $url);
        $parts = parse_url($url);
        if (isset($parts['user']) || isset($parts['pass'])) {
            throw new \InvalidArgumentException('the URL of the broker has a user or a password: give a key with the option "apiKey"');
        }
        $scheme = strtolower($parts['scheme'] ?? '');
        if (!in_array($scheme, ['http', 'https', 'ws', 'wss'], true) || !isset($parts['host']) || preg_match('/[\s[:cntrl:]]/', $url) === 1) {
            // A password may be anywhere in what is not understood.
            $found = $parts === false || strpos($url, '@') !== false ? '' : ", found \"$this->shownUrl\"";
            throw new \InvalidArgumentException("expected the URL of a broker such as http://127.0.0.1:8000$found");
        }
        $this->isHttp = $scheme === 'http' || $scheme === 'https';
        if ($this->isHttp && $this->shownUrl !== $url) {
            throw new \InvalidArgumentException('the URL of the broker has a query or a fragment: give a token with the option "token"');
        }
        $unknown = array_diff_key($options, self::DEFAULTS);
        if ($unknown !== []) {
            $known = implode(', ', array_keys(self::DEFAULTS));
            throw new \InvalidArgumentException('there is no option "' . key($unknown) . "\": expected $known");
        }
        $this->configure($options + self::DEFAULTS);
        $this->wantExtension('curl', $this->isHttp, $scheme);
        $this->wantExtension('openssl', $scheme === 'wss', $scheme);
        if (!$this->isHttp) {
            require_once __DIR__ . '/EphemeralSocket.php';
        }
    }

    /** What a dump may show: no key and no token. */
    public function __debugInfo(): array
    {
        return ['url' => $this->shownUrl, 'timeout' => $this->timeout, 'retries' => $this->retries];
    }

    /**
     * Publishes a notification, and returns when the broker has it.
     *
     * @param array   $notification `package` and `page` are required. Strings are UTF-8. A list is an array without gaps
     *                              (array_values() after array_filter()); numbers above 2^53 had better be strings, for JavaScript
     * @param ?string $key          http only: your own instead of one that is made, 1 to 128 bytes. Within two minutes the
     *                              same one is not published again, also by another process: give it when yours may be repeated
     *
     * @return ?array http: ['position' => ['epoch' => …, 'offset' => …], 'matched' => how many it went to, 'duplicate' => whether
     *                the key had been used]; ws: null
     *
     * @throws NotifierException         it was not published, or that is not known: see outcome()
     * @throws \InvalidArgumentException it cannot be written as JSON, or the key is none: nothing was sent
     */
    public function notify(array $notification, ?string $key = null): ?array
    {
        $json = json_encode($notification, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
        if ($json === false) {
            throw new \InvalidArgumentException('the notification cannot be written as JSON: ' . json_last_error_msg());
        }
        return $this->publish($json, $key);
    }

    /** Like notify(), for a notification that is JSON already: the subscribers get these very bytes. */
    public function notifyJson(string $json, ?string $key = null): ?array
    {
        if (!is_array(json_decode($json, true)) || ltrim($json)[0] !== '{') {
            $found = json_last_error() === JSON_ERROR_NONE ? 'other JSON' : json_last_error_msg();
            throw new \InvalidArgumentException("expected a notification, a JSON object, found: $found");
        }
        return $this->publish($json, $key);
    }

    /** Tries until it is published, is refused, may not be tried again, or the time is over. */
    private function publish(string $json, ?string $key): ?array
    {
        $key = $this->keyFor($key);
        $deadline = self::now() + $this->timeout;
        $doubt = null;
        for ($retries = $this->retries; ; $retries--) {
            $left = $deadline - self::now();
            try {
                // A try that may be repeated leaves time for the others.
                $openSeconds = $left / ($retries + 1);
                return $this->isHttp
                    ? $this->post($json, $key, $openSeconds, $retries === 0 ? $left : $left / 2)
                    : $this->send($json, $openSeconds, $left);
            } catch (NotifierException $error) {
                $isUncertain = $error->outcome() === NotifierException::UNCERTAIN;
                $doubt = $doubt ?? ($isUncertain ? $error : null);
                $mayRepeat = $error->outcome() === NotifierException::NOT_SENT || ($isUncertain && $this->isHttp);
                $wait = $error->retryAfter() + self::FIRST_WAIT * 2 ** ($this->retries - $retries) * random_int(0, 1000) / 1000;
                if (!$mayRepeat || $retries === 0 || self::now() + $wait >= $deadline) {
                    throw $doubt === null || $isUncertain ? $error : $error->after($doubt);
                }
                usleep((int) ($wait * 1000000));
            }
        }
    }

    /** @return ?string the key to send with a notification, the same at each try */
    private function keyFor(?string $key): ?string
    {
        if (!$this->isHttp) {
            if ($key !== null) {
                throw new \InvalidArgumentException("a key takes a broker at http:// or https://, and this one is at $this->shownUrl");
            }
            return null;
        }
        // Also without retries: on a connection that was kept and turns out to be dead, cURL itself sends a second time.
        $key = $key ?? bin2hex(random_bytes(16));
        if (strlen($key) > 128 || preg_match('/^(?! )[^\p{Cc}]+(?<! )$/Du', $key) !== 1) {
            throw new \InvalidArgumentException('expected a key of 1 to 128 bytes of UTF-8, without control characters and spaces around it');
        }
        return $key;
    }

    /** Sends it once through a connection of its own, in which nothing is sent if it is not open after `$openSeconds`. */
    private function send(string $json, float $openSeconds, float $seconds): ?array
    {
        $socket = new EphemeralSocket($this->url, $this->headers, $this->ca);
        $socket->publish('{"sender":"server","notification":' . $json . '}', $openSeconds, $seconds);
        return null;
    }

    /** Posts it once: `$openSeconds` to connect, `$seconds` for all of it. */
    private function post(string $json, string $key, float $openSeconds, float $seconds): array
    {
        $this->curl = $this->curl ?? $this->newCurl();
        $body = '';
        $retryAfter = null;
        curl_setopt_array($this->curl, [
            // Without "Expect:" cURL would wait for leave to send a long body.
            CURLOPT_HTTPHEADER => array_merge($this->headers, ['Content-Type: application/json', 'Expect:', "Idempotency-Key: $key"]),
            CURLOPT_POSTFIELDS => $json,
            CURLOPT_CONNECTTIMEOUT_MS => max(1, (int) ceil($openSeconds * 1000)),
            CURLOPT_TIMEOUT_MS => max(1, (int) ceil($seconds * 1000)),
            CURLOPT_HEADERFUNCTION => static function ($curl, string $line) use (&$retryAfter): int {
                $retryAfter = preg_match('/^Retry-After:[ \t]*(\d{1,9})\s*$/i', $line, $found) === 1 ? (int) $found[1] : $retryAfter;
                return strlen($line);
            },
            CURLOPT_WRITEFUNCTION => static function ($curl, string $chunk) use (&$body): int {
                $body .= $chunk;
                return strlen($body) > self::LONGEST_ANSWER ? 0 : strlen($chunk);
            },
        ]);
        $isWhole = curl_exec($this->curl);
        $status = (int) curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE);
        // A refusal counts also when its rest does not come: a broker reads no more of what it has refused.
        if (!$isWhole && $status < 300) {
            throw NotifierException::ofCurl($this->curl, $this->shownUrl, $openSeconds);
        }
        $answer = json_decode($body, true);
        if ($status === 200 && is_array($answer['receipt'] ?? null)) {
            return $answer['receipt'];
        }
        $detail = is_string($answer['detail'] ?? null) ? ": {$answer['detail']}" : '';
        throw NotifierException::ofStatus($status, "$this->shownUrl answered with HTTP $status$detail", $retryAfter);
    }

    /** @return resource|\CurlHandle */
    private function newCurl()
    {
        $curl = curl_init();
        curl_setopt_array($curl, [
            CURLOPT_URL => preg_replace('{(/notify)?/*$}D', '/notify', $this->url, 1),
            CURLOPT_POST => true,
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_FOLLOWLOCATION => false,
            // Straight to the broker, as with ws://, whatever http_proxy says.
            CURLOPT_NOPROXY => '*',
            CURLOPT_NOSIGNAL => true,
            CURLOPT_SSL_VERIFYPEER => true,
            CURLOPT_SSL_VERIFYHOST => 2,
            // A folder without certificates takes the place of the system's, which cURL would go on to trust beside the file.
        ] + ($this->ca === '' ? [] : [CURLOPT_CAINFO => $this->ca, CURLOPT_CAPATH => __DIR__]));
        return $curl;
    }

    private function configure(array $options): void
    {
        ['timeout' => $timeout, 'retries' => $retries] = $options;
        if (!is_numeric($timeout) || !($timeout > 0 && $timeout <= self::LONGEST_TIMEOUT)) { // NAN is neither
            throw new \InvalidArgumentException('expected a timeout of more than 0 and up to ' . self::LONGEST_TIMEOUT . ' seconds');
        }
        if (!is_int($retries) || $retries < 0 || $retries > 100) {
            throw new \InvalidArgumentException('expected a number of retries from 0 to 100');
        }
        $this->timeout = (float) $timeout;
        $this->retries = $retries;
        $this->ca = (string) ($options['ca'] ?? getenv('WSN_TLS_CA'));
        if ($this->ca !== '' && !is_readable($this->ca)) {
            throw new \InvalidArgumentException("cannot read the file of authorities \"$this->ca\" (option \"ca\", WSN_TLS_CA)");
        }
        $token = self::secret((string) $options['token']);
        $apiKey = self::secret((string) ($options['apiKey'] ?? ($token === '' ? getenv('WSN_API_KEY') : '')));
        if (preg_match('/^[\x21-\x7E]*$/D', $apiKey . $token) !== 1) {
            throw new \InvalidArgumentException('the key or the token (apiKey, WSN_API_KEY, token) has a space, a line end or another character that none has');
        }
        $this->headers = array_merge($apiKey === '' ? [] : ["X-Api-Key: $apiKey"], $token === '' ? [] : ["Authorization: Bearer $token"]);
    }

    /** A key or a token that is given as it is, or as `@` and the file that has it, as with `wsn`. */
    private static function secret(string $given): string
    {
        if ($given === '' || $given[0] !== '@') {
            return $given;
        }
        $file = substr($given, 1);
        $secret = is_readable($file) && !is_dir($file) ? file_get_contents($file) : false;
        if (trim((string) $secret) === '') {
            $found = $secret === false ? 'cannot be read' : 'is empty';
            throw new \InvalidArgumentException("the file \"$file\" of a key or a token (apiKey, WSN_API_KEY, token) $found");
        }
        return trim($secret);
    }

    private function wantExtension(string $name, bool $isNeeded, string $scheme): void
    {
        if ($isNeeded && !extension_loaded($name)) {
            $how = $name === 'curl' ? ' (Debian: apt-get install php-curl), or use ws:// or wss://, which do without' : '';
            throw new \InvalidArgumentException("$scheme:// needs the PHP extension $name: install it$how");
        }
    }

    /** In s, by a clock that nobody sets. */
    private static function now(): float
    {
        return hrtime(true) / 1e9;
    }
}
