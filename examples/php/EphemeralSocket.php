<?php

declare(strict_types=1);

namespace Wsn;

/**
 * One WebSocket connection (RFC 6455) for one message, as far as a publisher needs it: Notifier has one for each try.
 *
 * @internal
 */
final class EphemeralSocket
{
    /** In bytes; more than anything that a broker says to a publisher. */
    private const LONGEST_ANSWER = 65536;

    /** For messages: without its query, which may hold a token. */
    private string $url;
    private string $authority;
    /** The target of the request, with its query. */
    private string $path;
    /** @var string[] sent with the handshake */
    private array $headers;
    /** For stream_context_create; empty without TLS. */
    private array $trust;
    /** When waiting ends, in s of hrtime. */
    private float $deadline = 0;
    /** What has been received, and how much of it has been read: cutting it for each frame would take time without end. */
    private string $received = '';
    private int $readUntil = 0;
    /** False as soon as the other side has gone. */
    private bool $isOpen = true;
    /** True as soon as some of the message may have left. */
    private bool $hasSent = false;
    /** @var resource */
    private $stream;

    /**
     * @param string   $url     ws: or wss:, with a host
     * @param string[] $headers lines to send with the handshake
     * @param string   $ca      PEM file of the authorities to trust; '' for those of the system
     */
    public function __construct(string $url, array $headers, string $ca)
    {
        $parts = parse_url($url);
        $isSecure = strtolower($parts['scheme']) === 'wss';
        $this->url = preg_replace('/[?#].*/s', '', $url);
        $this->authority = $parts['host'] . ':' . ($parts['port'] ?? ($isSecure ? 443 : 80));
        $this->path = ($parts['path'] ?? '/') . (isset($parts['query']) ? "?{$parts['query']}" : '');
        $this->headers = $headers;
        $name = trim($parts['host'], '[]');
        $trust = ['verify_peer' => true, 'verify_peer_name' => true, 'peer_name' => $name] + ($ca === '' ? [] : ['cafile' => $ca]);
        $this->trust = $isSecure ? $trust : [];
    }

    public function __destruct()
    {
        if (is_resource($this->stream)) {
            fclose($this->stream);
        }
    }

    /**
     * Connects, sends the message and waits until the broker closes with 1000, which says that it has it.
     *
     * @param float $openSeconds how long connecting may take; until then nothing of the message is sent
     * @param float $seconds     how long all of it may take
     *
     * @throws NotifierException
     */
    public function publish(string $message, float $openSeconds, float $seconds): void
    {
        $start = hrtime(true) / 1e9;
        $this->deadline = $start + $openSeconds;
        $this->connect($openSeconds);
        $this->handshake();
        $this->deadline = $start + $seconds;
        $this->hasSent = true;
        $this->sendFrame(0x1, $message);
        [$code, $reason] = $this->waitForClose();
        if ($code !== 1000) {
            $because = $reason === '' ? '' : ": $reason";
            $retryAfter = preg_match('/try again in (\d{1,9}) s\b/', $reason, $found) === 1 ? (int) $found[1] : null;
            throw NotifierException::ofClose($code, "$this->url closed the connection with $code$because", $retryAfter);
        }
    }

    /** Opens the connection, with TLS if need be, in which the certificate has to be for this host. */
    private function connect(float $seconds): void
    {
        // What is wrong with a certificate is told by warnings alone.
        $warnings = '';
        set_error_handler(static function (int $level, string $warning) use (&$warnings): bool {
            $warnings .= " $warning";
            return true;
        });
        try {
            $context = stream_context_create(['ssl' => $this->trust]);
            $stream = stream_socket_client("tcp://$this->authority", $errno, $error, $seconds, STREAM_CLIENT_CONNECT, $context);
            if ($stream === false) {
                throw $this->unconnected($error === '' ? trim($warnings) : "$error; is the broker running there?");
            }
            $this->stream = $stream;
            stream_set_blocking($stream, false);
            if ($this->trust !== [] && !$this->secure()) {
                throw $this->unconnected($this->distrust($warnings));
            }
        } finally {
            restore_error_handler();
        }
    }

    /** @return bool whether there is TLS now, with somebody who is trusted */
    private function secure(): bool
    {
        while (($isDone = stream_socket_enable_crypto($this->stream, true, STREAM_CRYPTO_METHOD_TLS_CLIENT)) === 0) {
            $this->wait(false);
        }
        return $isDone;
    }

    private function distrust(string $warnings): string
    {
        if (strpos($warnings, 'did not match expected') !== false) {
            return NotifierException::OTHER_NAME;
        }
        return strpos($warnings, 'certificate verify failed') !== false ? NotifierException::UNTRUSTED : NotifierException::NO_TLS;
    }

    private function unconnected(string $why): NotifierException
    {
        return new NotifierException(NotifierException::NOT_SENT, "cannot connect to $this->url: $why");
    }

    /** Asks for a WebSocket and checks that the answer belongs to this question (RFC 6455 section 4). */
    private function handshake(): void
    {
        $key = base64_encode(random_bytes(16));
        $this->write(implode("\r\n", array_merge([
            "GET $this->path HTTP/1.1",
            "Host: $this->authority",
            'Upgrade: websocket',
            'Connection: Upgrade',
            "Sec-WebSocket-Key: $key",
            'Sec-WebSocket-Version: 13',
        ], $this->headers, ["\r\n"])));
        while (($end = strpos($this->received, "\r\n\r\n")) === false) {
            if (strlen($this->received) > 16384) {
                throw $this->unconnected('what listens there does not speak HTTP');
            }
            $this->receiveMore();
        }
        $head = substr($this->received, 0, $end + 2);
        $this->readUntil = $end + 4;
        if (preg_match('{^HTTP/1\.[01] ([1-5]\d\d)\b[^\r\n]*}', $head, $found) !== 1) {
            throw $this->unconnected('what listens there does not speak HTTP');
        }
        if ($found[1] !== '101') {
            throw $this->refused((int) $found[1], $found[0], $head);
        }
        $expected = base64_encode(sha1($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
        if (preg_match('/^Sec-WebSocket-Accept:[ \t]*(\S+)[ \t]*\r$/mi', $head, $accept) !== 1 || $accept[1] !== $expected) {
            throw $this->unconnected('what listens there is not a WebSocket server: its Sec-WebSocket-Accept is wrong');
        }
    }

    /** A handshake that is refused: nothing was sent, whatever the status. */
    private function refused(int $status, string $line, string $head): NotifierException
    {
        $retryAfter = preg_match('/^Retry-After:[ \t]*(\d{1,9})[ \t]*\r$/mi', $head, $found) === 1 ? (int) $found[1] : null;
        $isLater = $status >= 500 || $status === 408 || $status === 429;
        $outcome = $isLater ? NotifierException::NOT_SENT : NotifierException::REFUSED;
        return new NotifierException($outcome, "$this->url refused the connection: $line", $status, $retryAfter);
    }

    /** Sends one whole frame; a client must mask what it sends (RFC 6455 section 5.3). */
    private function sendFrame(int $opcode, string $payload): void
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
        $this->write($head . $mask . ($payload ^ str_repeat($mask, intdiv($length, 4) + 1)));
    }

    /**
     * Answers pings and passes over everything else until the broker closes, then answers the close.
     *
     * @return array{int, string} the close code and its reason; 1005 is a close without a code
     */
    private function waitForClose(): array
    {
        while ($this->secondsLeft() > 0) {
            [$first, $second] = array_values(unpack('C2', $this->read(2)));
            $length = $second & 0x7F;
            if ($length === 126) {
                $length = unpack('n', $this->read(2))[1];
            } elseif ($length === 127) {
                $length = unpack('J', $this->read(8))[1] & PHP_INT_MAX;
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
        while (strlen($this->received) - $this->readUntil < $length) {
            $this->receiveMore();
        }
        $bytes = substr($this->received, $this->readUntil, $length);
        $this->readUntil += $length;
        return $bytes;
    }

    private function receiveMore(): void
    {
        if (!$this->isOpen) {
            throw $this->broken("the connection to $this->url broke");
        }
        $this->received = substr($this->received, $this->readUntil);
        $this->readUntil = 0;
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
            $written = @fwrite($this->stream, $bytes);
            if ($written === false) {
                return;
            }
            $bytes = substr($bytes, $written);
        }
    }

    private function receiveWhatIsThere(): void
    {
        // To the end: what TLS has decrypted already is nothing that stream_select would tell of.
        while (($chunk = @fread($this->stream, 65536)) !== false && $chunk !== '') {
            $this->received .= $chunk;
            if (strlen($this->received) - $this->readUntil > self::LONGEST_ANSWER) {
                throw $this->broken("$this->url sends more than an answer");
            }
        }
        if ($chunk === false || feof($this->stream)) {
            $this->isOpen = false;
        }
    }

    /** The end before the broker has said anything: whether it has the message depends on how far this had come. */
    private function broken(string $what): NotifierException
    {
        return new NotifierException($this->hasSent ? NotifierException::UNCERTAIN : NotifierException::NOT_SENT, $what);
    }

    /** Waits until there is something to read or, with `$orWrite`, room to write; true when there is something to read. */
    private function wait(bool $orWrite): bool
    {
        do {
            $left = $this->secondsLeft();
            $read = [$this->stream];
            $write = $orWrite ? [$this->stream] : null;
            $except = null;
            $ready = @stream_select($read, $write, $except, (int) $left, (int) (fmod($left, 1) * 1000000));
        } while ($ready === false || $ready === 0);
        return $read !== [];
    }

    /** @throws NotifierException when there are none */
    private function secondsLeft(): float
    {
        $left = $this->deadline - hrtime(true) / 1e9;
        if ($left <= 0) {
            throw $this->broken("no answer from $this->url in time");
        }
        return $left;
    }
}
