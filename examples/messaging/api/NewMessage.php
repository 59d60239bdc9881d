<?php

declare(strict_types=1);

namespace Messaging;

/** What somebody wants to send, checked. */
final class NewMessage
{
    /** Longest body of a request, in bytes. */
    private const MAX_BYTES = 16384;

    public string $channelId;
    public string $author;
    public string $text;
    /** The client's own name for the message: who sends it twice stores it once. */
    public string $clientId;

    /**
     * Reads the body of this request, and no more of it than a message may have.
     *
     * @throws Problem 413, 415 or 422, with the member at fault
     */
    public static function ofRequest(): self
    {
        // A form of another site can send text/plain, never application/json without being asked first.
        if (preg_match('{^application/json\s*(;|$)}i', $_SERVER['CONTENT_TYPE'] ?? '') !== 1) {
            throw new Problem(415, 'expected Content-Type: application/json');
        }
        $sent = json_decode(self::body(), true, 8);
        if (!is_array($sent)) {
            throw new Problem(422, 'expected a JSON object');
        }
        $message = new self();
        $message->channelId = self::member($sent, 'channelId', '/^[1-9][0-9]{0,9}$/D', 'the number of a channel, as a string');
        $message->author = self::member($sent, 'author', '/^[^\p{Cc}\p{Zl}\p{Zp}]{1,40}$/Du', '1 to 40 characters in one line');
        $message->text = self::member($sent, 'text', '/^.{1,2000}$/Dsu', '1 to 2000 characters');
        $message->clientId = self::member($sent, 'clientId', '/^[A-Za-z0-9-]{8,64}$/D', '8 to 64 letters, digits and "-"');
        return $message;
    }

    private static function body(): string
    {
        // The length is what somebody says, or missing.
        $isLonger = (int) ($_SERVER['CONTENT_LENGTH'] ?? 0) > self::MAX_BYTES;
        $body = $isLonger ? '' : (string) file_get_contents('php://input', false, null, 0, self::MAX_BYTES + 1);
        if ($isLonger || strlen($body) > self::MAX_BYTES) {
            throw new Problem(413, 'expected at most ' . self::MAX_BYTES . ' bytes, found more than that');
        }
        return $body;
    }

    private static function member(array $sent, string $name, string $pattern, string $expected): string
    {
        $value = $sent[$name] ?? null;
        $value = is_string($value) ? trim($value) : '';
        if (preg_match($pattern, $value) !== 1) {
            throw new Problem(422, "expected $expected", "/$name");
        }
        return $value;
    }
}
