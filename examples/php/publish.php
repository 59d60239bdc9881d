<?php

declare(strict_types=1);

/**
 * Sends one notification to a wsn broker and waits until the broker has it: connect, send, wait for the close.
 *
 * Needs PHP 7.4 or newer and no extension beyond the defaults. Copy this file, or from your own code:
 *
 *     require 'publish.php';
 *     wsn_notify([
 *         'package' => 'amaiia_msg_srv',
 *         'page' => 'messages',
 *         'filters' => ['values' => '2'],
 *         'data' => ['messageId' => '12345', 'channelId' => '2'],
 *         'message' => 'Nouveau message reçu',
 *     ]);
 *
 * A broker that wants to know who publishes is given a key. It is taken from the environment variable WSN_API_KEY, and sent
 * as the header X-Api-Key: neither in a URL nor on a command line, where logs and lists of processes would show it.
 *
 * @param array  $notification `package` and `page` are required; the strings in it must be UTF-8
 * @param string $url          where the broker listens, `ws://host:port`, or `wss://host:port` for TLS
 * @param float  $timeout      seconds for all of it together
 * @param array  $options      `key` instead of WSN_API_KEY; `ca`, a PEM file of authorities that are trusted instead of those
 *                             of the system, instead of WSN_TLS_CA
 *
 * @throws InvalidArgumentException the URL is none, or the notification cannot be written as JSON: nothing was sent
 * @throws RuntimeException in one sentence what went wrong. Its code says what became of the notification:
 *                          0          nothing was sent: no connection, or no answer to the handshake
 *                          100 to 599 nothing was sent: the HTTP status with which the handshake was refused (401: no key or
 *                                     an unknown one, 403: not allowed to publish from here, 429: too many connections)
 *                          1006       it may have been sent, or not: the line broke, or the time was over, before the close
 *                          any other  the close code with which the broker refused it (4400: not a valid notification,
 *                                     4401: no valid key, 4403: not allowed to publish this, 4429: too many in a short time)
 */
function wsn_notify(
    array $notification,
    string $url = 'ws://127.0.0.1:8000',
    float $timeout = 5.0,
    array $options = []
): void {
    wsn_notify_json(wsn_json($notification), $url, $timeout, $options);
}

/** Writes a notification as JSON. */
function wsn_json(array $notification): string
{
    $json = json_encode($notification, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
    if ($json === false) {
        throw new InvalidArgumentException('the notification cannot be written as JSON: ' . json_last_error_msg());
    }
    return $json;
}

/** Like `wsn_notify`, for a notification that is JSON already: the subscribers get these very bytes. */
function wsn_notify_json(
    string $notification,
    string $url = 'ws://127.0.0.1:8000',
    float $timeout = 5.0,
    array $options = []
): void {
    $connection = new WsnConnection($url, $timeout, $options);
    $connection->handshake();
    $connection->sendFrame(0x1, '{"sender":"server","notification":' . $notification . '}');
    [$code, $reason] = $connection->waitForClose();
    if ($code !== 1000) {
        $because = $reason === '' ? '' : ": $reason";
        $hint = WSN_CLOSE_HINTS[$code] ?? '';
        throw new RuntimeException("the broker at $url closed the connection with $code$because$hint", $code);
    }
}

/** What to do about a close code, where its reason may not say it. */
const WSN_CLOSE_HINTS = [
    4401 => ' (set WSN_API_KEY to a key that the broker knows)',
    4429 => ' (too many in a short time: send it again later)',
];

/** One WebSocket connection (RFC 6455), as far as a publisher needs it. Everything in it ends at one deadline. */
final class WsnConnection
{
    private string $url;
    private string $authority;
    private string $path;
    /** Sent with the handshake; empty for none. */
    private string $key;
    private float $timeout;
    private float $deadline;
    /** What has been received and not been read yet. */
    private string $received = '';
    /** False as soon as the other side has gone. */
    private bool $isOpen = true;
    /** True as soon as some of the notification may have left. */
    private bool $hasSent = false;
    /** @var resource */
    private $socket;

    public function __construct(string $url, float $timeout, array $options = [])
    {
        $parts = parse_url($url);
        $scheme = is_array($parts) ? strtolower($parts['scheme'] ?? '') : '';
        if (!in_array($scheme, ['ws', 'wss'], true) || !isset($parts['host'])) {
            throw new InvalidArgumentException("expected the URL of a broker such as ws://127.0.0.1:8000, found \"$url\"");
        }
        $this->key = (string) ($options['key'] ?? getenv('WSN_API_KEY'));
        if (preg_match('/^[\x21-\x7E]*$/D', $this->key) !== 1) {
            throw new InvalidArgumentException('the key in WSN_API_KEY has a space, a line end or another character that no key has');
        }
        $isSecure = $scheme === 'wss';
        $this->url = $url;
        $this->authority = $parts['host'] . ':' . ($parts['port'] ?? ($isSecure ? 443 : 80));
        $this->path = ($parts['path'] ?? '/') . (isset($parts['query']) ? "?{$parts['query']}" : '');
        $this->timeout = $timeout;
        $this->deadline = microtime(true) + $timeout;
        $this->socket = $isSecure
            ? $this->connect('ssl', $this->trust($parts['host'], (string) ($options['ca'] ?? getenv('WSN_TLS_CA'))))
            : $this->connect('tcp', []);
        stream_set_blocking($this->socket, false);
    }

    /** The certificate must be for this host, and of an authority in `$ca` or, where that is empty, of one that the system trusts. */
    private function trust(string $host, string $ca): array
    {
        if ($ca !== '' && !is_readable($ca)) {
            throw new InvalidArgumentException("cannot read the file of authorities \"$ca\" (WSN_TLS_CA)");
        }
        $trust = ['verify_peer' => true, 'verify_peer_name' => true, 'peer_name' => trim($host, '[]'), 'SNI_enabled' => true];
        return ['ssl' => $ca === '' ? $trust : $trust + ['cafile' => $ca]];
    }

    /** @return resource */
    private function connect(string $transport, array $context)
    {
        // What is wrong with a certificate is told by warnings alone.
        $warnings = '';
        set_error_handler(static function (int $level, string $warning) use (&$warnings): bool {
            $warnings .= " $warning";
            return true;
        });
        try {
            $context = stream_context_create($context);
            $socket = stream_socket_client(
                "$transport://$this->authority",
                $errno,
                $error,
                $this->timeout,
                STREAM_CLIENT_CONNECT,
                $context
            );
        } finally {
            restore_error_handler();
        }
        if ($socket !== false) {
            return $socket;
        }
        if (strpos($warnings, 'certificate verify failed') !== false) {
            throw new RuntimeException(
                "the certificate of the broker at $this->url is not trusted: set WSN_TLS_CA to the PEM file of its authority"
            );
        }
        if (strpos($warnings, 'did not match expected') !== false) {
            throw new RuntimeException("the certificate of the broker at $this->url is for another name than that of the URL");
        }
        if (strpos($warnings, 'SSL') !== false) {
            throw new RuntimeException("cannot connect to $this->url: what listens there does not speak TLS; is it ws instead of wss?");
        }
        throw new RuntimeException("cannot connect to $this->url: $error; is the broker running there?");
    }

    public function __destruct()
    {
        if (is_resource($this->socket)) {
            fclose($this->socket);
        }
    }

    /** Asks for a WebSocket and checks that the answer belongs to this question (RFC 6455 section 4). */
    public function handshake(): void
    {
        $key = base64_encode(random_bytes(16));
        $authentication = $this->key === '' ? '' : "X-Api-Key: $this->key\r\n";
        $this->write(
            "GET $this->path HTTP/1.1\r\nHost: $this->authority\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            . "Sec-WebSocket-Key: $key\r\nSec-WebSocket-Version: 13\r\n$authentication\r\n"
        );
        while (($end = strpos($this->received, "\r\n\r\n")) === false) {
            if (strlen($this->received) > 16384) {
                throw new RuntimeException("what listens at $this->url does not speak HTTP");
            }
            $this->receiveMore();
        }
        $head = substr($this->received, 0, $end + 2);
        $this->received = substr($this->received, $end + 4);
        $status = (string) strtok($head, "\r\n");
        if (preg_match('{^HTTP/1\.1 101\b}', $status) !== 1) {
            $code = preg_match('{^HTTP/1\.[01] ([1-5]\d\d)\b}', $status, $found) === 1 ? (int) $found[1] : 0;
            throw new RuntimeException("the broker at $this->url refused the connection: $status" . $this->hint($code, $head), $code);
        }
        $expected = base64_encode(sha1($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
        if (preg_match('/^Sec-WebSocket-Accept:[ \t]*(\S+)[ \t]*\r$/mi', $head, $accept) !== 1 || $accept[1] !== $expected) {
            throw new RuntimeException("what listens at $this->url is not a WebSocket server: its Sec-WebSocket-Accept is wrong");
        }
    }

    /** What to do about the status of a refused handshake. */
    private function hint(int $status, string $head): string
    {
        if ($status === 401) {
            return $this->key === '' ? ' (it wants a key: set WSN_API_KEY)' : ' (it does not know the key in WSN_API_KEY)';
        }
        if ($status === 403) {
            return ' (nobody may publish from here, or not with this key)';
        }
        if ($status === 429) {
            $wait = preg_match('/^Retry-After:[ \t]*(\d+)/mi', $head, $found) === 1 ? "in $found[1] s" : 'later';
            return " (too many connections from here: try again $wait)";
        }
        return '';
    }

    /** Sends one whole message; a client must mask what it sends (RFC 6455 section 5.3). */
    public function sendFrame(int $opcode, string $payload): void
    {
        $length = strlen($payload);
        $head = chr(0x80 | $opcode);
        if ($length < 126) {
            $head .= chr(0x80 | $length);
        } elseif ($length < 65536) {
            $head .= chr(0x80 | 126) . pack('n', $length);
        } else {
            $head .= chr(0x80 | 127) . pack('J', $length);
        }
        $mask = random_bytes(4);
        $this->hasSent = true;
        $this->write($head . $mask . ($payload ^ str_repeat($mask, intdiv($length, 4) + 1)));
    }

    /**
     * Answers pings and passes over everything else until the broker closes, then answers the close.
     *
     * @return array{int, string} the close code and its reason; 1005 is a close without a code
     */
    public function waitForClose(): array
    {
        while (true) {
            [$first, $second] = array_values(unpack('C2', $this->read(2)));
            $length = $second & 0x7F;
            if ($length === 126) {
                $length = unpack('n', $this->read(2))[1];
            } elseif ($length === 127) {
                $length = unpack('J', $this->read(8))[1];
            }
            $payload = $this->read($length);
            $opcode = $first & 0x0F;
            if ($opcode === 0x9) {
                $this->sendFrame(0xA, $payload);
            } elseif ($opcode === 0x8) {
                $this->sendFrame(0x8, substr($payload, 0, 2));
                return $length < 2 ? [1005, ''] : [unpack('n', $payload)[1], substr($payload, 2)];
            }
        }
    }

    private function read(int $length): string
    {
        while (strlen($this->received) < $length) {
            $this->receiveMore();
        }
        $bytes = substr($this->received, 0, $length);
        $this->received = substr($this->received, $length);
        return $bytes;
    }

    private function receiveMore(): void
    {
        if (!$this->isOpen) {
            throw $this->broken("the connection to $this->url broke");
        }
        $this->wait(false);
        $this->receiveWhatIsThere();
    }

    /** Writes all of it, or as much as the other side takes: a broker that refuses a long message says so before its end. */
    private function write(string $bytes): void
    {
        while ($bytes !== '' && $this->isOpen) {
            $isReadable = $this->wait(true);
            if ($isReadable) {
                $this->receiveWhatIsThere();
            }
            $written = @fwrite($this->socket, $bytes);
            if ($written === false) {
                return;
            }
            $bytes = substr($bytes, $written);
        }
    }

    private function receiveWhatIsThere(): void
    {
        // To the end: what TLS has decrypted already is nothing that stream_select would tell of.
        while (($chunk = @fread($this->socket, 65536)) !== false && $chunk !== '') {
            $this->received .= $chunk;
        }
        if ($chunk === false || feof($this->socket)) {
            $this->isOpen = false;
        }
    }

    /** The end before the broker has said anything: whether it has the notification depends on how far this had come. */
    private function broken(string $what): RuntimeException
    {
        return $this->hasSent
            ? new RuntimeException("$what: the notification may have been sent, or not", 1006)
            : new RuntimeException("$what: nothing was sent");
    }

    /** Waits until there is something to read or, with `$orWrite`, room to write; true when there is something to read. */
    private function wait(bool $orWrite): bool
    {
        do {
            $left = $this->deadline - microtime(true);
            if ($left <= 0) {
                throw $this->broken("no answer from $this->url within $this->timeout s");
            }
            $read = [$this->socket];
            $write = $orWrite ? [$this->socket] : null;
            $except = null;
            $ready = @stream_select($read, $write, $except, (int) $left, (int) (fmod($left, 1) * 1000000));
        } while ($ready === false || $ready === 0);
        return $read !== [];
    }
}

/**
 * `php publish.php PACKAGE PAGE VALUES MESSAGE [DATA] [URL]`: exit 0 sent, 2 wrong use, 3 not reached or no answer (stderr
 * says when it may have been sent), 4 refused. The key comes from WSN_API_KEY, authorities for `wss:` from WSN_TLS_CA.
 */
function wsn_main(array $arguments): int
{
    if (count($arguments) < 4 || count($arguments) > 6) {
        fwrite(STDERR, "Usage: php publish.php PACKAGE PAGE VALUES MESSAGE [DATA] [URL]\n");
        fwrite(STDERR, "  for example: php publish.php amaiia_msg_srv messages 2 'Nouveau message reçu' '{\"messageId\":\"12345\"}'\n");
        return 2;
    }
    [$package, $page, $values, $message] = $arguments;
    try {
        $json = wsn_json(['package' => $package, 'page' => $page, 'filters' => ['values' => $values], 'message' => $message]);
        if (isset($arguments[4])) {
            json_decode($arguments[4]);
            if (json_last_error() !== JSON_ERROR_NONE) {
                throw new InvalidArgumentException('DATA is not JSON: ' . json_last_error_msg());
            }
            // Its own text goes out: to decode and encode it again would change large numbers and {}.
            $json = substr($json, 0, -1) . ',"data":' . $arguments[4] . '}';
        }
        wsn_notify_json($json, $arguments[5] ?? 'ws://127.0.0.1:8000');
        return 0;
    } catch (InvalidArgumentException | RuntimeException $error) {
        fwrite(STDERR, preg_replace('/[\x00-\x1F\x7F]/', ' ', $error->getMessage()) . "\n");
        if ($error instanceof InvalidArgumentException) {
            return 2;
        }
        return in_array($error->getCode(), [0, 1006], true) ? 3 : 4;
    }
}

if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    exit(wsn_main(array_slice($argv, 1)));
}
