<?php

declare(strict_types=1);

/** One connection: handshake, frames (RFC 6455 by hand), and what waits until its socket takes it. */
final class Client
{
    private const MAX_HANDSHAKE = 16384;
    private const MAX_MESSAGE = 4 * 1024 * 1024;
    private const MAX_UNSENT = 64 * 1024 * 1024;

    private const CONTINUATION = 0x0;
    private const TEXT = 0x1;
    private const BINARY = 0x2;
    private const CLOSE = 0x8;
    private const PING = 0x9;
    private const PONG = 0xA;

    /** @var resource */
    public $socket;
    /** The last set that the client has sent. */
    public array $subscriptions = [];
    /** Whether something has come since the last ping. */
    public bool $isAlive = true;

    private string $received = '';
    /** The fragments of a message that is not complete yet. */
    private string $fragments = '';
    /** @var string[] what waits, a frame an element */
    private array $unsent = [];
    private int $unsentBytes = 0;
    private bool $hasShakenHands = false;
    private bool $hasSentClose = false;
    /** Whether it ends when all that waits has been sent. */
    private bool $isLeaving = false;

    /** @param resource $socket */
    public function __construct($socket)
    {
        stream_set_blocking($socket, false);
        stream_set_read_buffer($socket, 0);
        $this->socket = $socket;
    }

    public function isGone(): bool
    {
        return !is_resource($this->socket);
    }

    public function hasUnsent(): bool
    {
        return $this->unsent !== [];
    }

    /** Reads what is there and calls $onMessage with the text of each message that is complete. */
    public function receive(callable $onMessage): void
    {
        $bytes = @fread($this->socket, 65536);
        if ($bytes === false || ($bytes === '' && feof($this->socket))) {
            $this->drop();
            return;
        }
        $this->isAlive = true;
        $this->received .= $bytes;
        if ($this->hasShakenHands || $this->shakeHands()) {
            $this->takeFrames($onMessage);
        }
    }

    public function sendText(string $text): void
    {
        $this->send(self::TEXT, $text);
    }

    public function ping(): void
    {
        if ($this->hasShakenHands) {
            $this->send(self::PING, '');
        }
    }

    /** Sends a close frame, which has no code when $payload is empty; nothing is sent after it. */
    public function close(string $payload = ''): void
    {
        $this->send(self::CLOSE, $payload);
        $this->hasSentClose = true;
    }

    /** Sends as much as the socket takes. */
    public function flush(): void
    {
        foreach ($this->unsent as $key => $bytes) {
            $written = @fwrite($this->socket, $bytes);
            if ($written === false) {
                $this->drop();
                return;
            }
            $this->unsentBytes -= $written;
            if ($written < strlen($bytes)) {
                $this->unsent[$key] = substr($bytes, $written);
                return;
            }
            unset($this->unsent[$key]);
        }
        if ($this->isLeaving) {
            $this->drop();
        }
    }

    public function drop(): void
    {
        if (!$this->isGone()) {
            fclose($this->socket);
        }
        $this->isLeaving = true;
        $this->unsent = [];
    }

    /** True when the handshake is done: any request with a key is one. */
    private function shakeHands(): bool
    {
        $end = strpos($this->received, "\r\n\r\n");
        if ($end === false) {
            if (strlen($this->received) > self::MAX_HANDSHAKE) {
                $this->drop();
            }
            return false;
        }
        $head = substr($this->received, 0, $end + 2);
        $this->received = substr($this->received, $end + 4);
        if (preg_match('/^Sec-WebSocket-Key:[ \t]*(\S+)[ \t]*\r$/mi', $head, $found) !== 1) {
            $this->write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            $this->leave();
            return false;
        }
        $accept = base64_encode(sha1($found[1] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
        $lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', "Sec-WebSocket-Accept: $accept"];
        $this->write(implode("\r\n", $lines) . "\r\n\r\n");
        $this->hasShakenHands = true;
        return true;
    }

    /** Does all whole frames that have come; what is left of the last one stays. */
    private function takeFrames(callable $onMessage): void
    {
        $offset = 0;
        while (!$this->isLeaving && ($frame = $this->nextFrame($offset)) !== null) {
            [$isFinal, $opcode, $payload] = $frame;
            if ($opcode === self::CLOSE) {
                $this->close(strlen($payload) < 2 ? '' : substr($payload, 0, 2));
                $this->leave();
            } elseif ($opcode === self::PING) {
                $this->send(self::PONG, $payload);
            } elseif ($opcode <= self::BINARY) {
                $this->fragments = $opcode === self::CONTINUATION ? $this->fragments . $payload : $payload;
                if (strlen($this->fragments) > self::MAX_MESSAGE) {
                    $this->leave();
                } elseif ($isFinal) {
                    $text = $this->fragments;
                    $this->fragments = '';
                    $onMessage($text);
                }
            }
        }
        $this->received = $this->isLeaving ? '' : substr($this->received, $offset);
    }

    /** @return array{bool, int, string}|null the frame at $offset, which moves behind it; null when it has not come whole */
    private function nextFrame(int &$offset): ?array
    {
        $there = strlen($this->received) - $offset;
        if ($there < 2) {
            return null;
        }
        ['first' => $first, 'second' => $second] = unpack('Cfirst/Csecond', $this->received, $offset);
        $length = $second & 0x7F;
        $lengthBytes = $length === 126 ? 2 : ($length === 127 ? 8 : 0);
        $maskBytes = ($second & 0x80) === 0 ? 0 : 4;
        $headBytes = 2 + $lengthBytes + $maskBytes;
        if ($there < $headBytes) {
            return null;
        }
        if ($lengthBytes > 0) {
            $length = unpack($lengthBytes === 2 ? 'n' : 'J', $this->received, $offset + 2)[1];
        }
        if ($length < 0 || $length > self::MAX_MESSAGE) {
            $this->leave();
            return null;
        }
        if ($there < $headBytes + $length) {
            return null;
        }
        $payload = substr($this->received, $offset + $headBytes, $length);
        if ($maskBytes > 0) {
            $mask = substr($this->received, $offset + 2 + $lengthBytes, 4);
            $payload ^= str_repeat($mask, intdiv($length, 4) + 1);
        }
        $offset += $headBytes + $length;
        return [($first & 0x80) !== 0, $first & 0x0F, $payload];
    }

    private function send(int $opcode, string $payload): void
    {
        if ($this->hasSentClose) {
            return;
        }
        $length = strlen($payload);
        if ($length < 126) {
            $head = pack('CC', 0x80 | $opcode, $length);
        } else {
            $head = $length < 65536 ? pack('CCn', 0x80 | $opcode, 126, $length) : pack('CCJ', 0x80 | $opcode, 127, $length);
        }
        $this->write($head . $payload);
    }

    private function write(string $bytes): void
    {
        if ($this->isGone()) {
            return;
        }
        $this->unsent[] = $bytes;
        $this->unsentBytes += strlen($bytes);
        if ($this->unsentBytes > self::MAX_UNSENT) {
            $this->drop();
        } elseif (count($this->unsent) === 1) {
            $this->flush();
        }
    }

    private function leave(): void
    {
        $this->isLeaving = true;
        $this->flush();
    }
}
