<?php

declare(strict_types=1);

namespace Wsn;

/** A notification that was not published, or of which that is not known. */
final class NotifierException extends \RuntimeException
{
    /** It was not published; the same may succeed later. */
    public const NOT_SENT = 'not sent';
    /** It was not published, and the same again will be refused: what the message names has to change first. */
    public const REFUSED = 'refused';
    /** It may have been published, or not. With a key of your own the same may be sent again, within two minutes. */
    public const UNCERTAIN = 'uncertain';

    /** @internal */
    public const UNTRUSTED = 'its certificate is not trusted: set the option "ca" or WSN_TLS_CA to the PEM file of its authority';
    /** @internal */
    public const OTHER_NAME = 'its certificate is for another name than that of the URL';
    /** @internal */
    public const NO_TLS = 'what listens there does not speak TLS; is it http or ws instead of https or wss?';

    private const ENDINGS = [
        self::NOT_SENT => 'nothing was sent',
        self::REFUSED => 'nothing was published',
        self::UNCERTAIN => 'the notification may have been published, or not',
    ];
    private const HINTS = [
        401 => 'give a key or a token that the broker knows, with the option "apiKey", WSN_API_KEY or the option "token"',
        403 => 'nobody may publish this from here, or not with this key or token',
        404 => 'is that the address of a broker?',
        426 => 'is that the address of a broker?',
        429 => 'too many in a short time',
        4401 => 'give a key or a token that the broker knows, with the option "apiKey", WSN_API_KEY or the option "token"',
        4429 => 'too many in a short time',
    ];

    private string $outcome;
    private string $what;
    private ?int $retryAfter;

    /** @param int $code the HTTP status or the close code (RFC 6455) that the broker gave, 0 where it gave none */
    public function __construct(string $outcome, string $what, int $code = 0, ?int $retryAfter = null, ?\Throwable $previous = null)
    {
        $hint = isset(self::HINTS[$code]) ? ' (' . self::HINTS[$code] . ')' : '';
        $again = $retryAfter === null || strpos($what, 'try again in') !== false ? '' : "; try again in $retryAfter s";
        parent::__construct(self::printable($what) . "$hint$again; " . self::ENDINGS[$outcome], $code, $previous);
        $this->outcome = $outcome;
        $this->what = $what;
        $this->retryAfter = $retryAfter;
    }

    /** What has become of the notification: NOT_SENT, REFUSED or UNCERTAIN. */
    public function outcome(): string
    {
        return $this->outcome;
    }

    /** After how many seconds the broker asks to try again, null where it says nothing. */
    public function retryAfter(): ?int
    {
        return $this->retryAfter;
    }

    /** @internal The same, of a notification of which an earlier try may have arrived. */
    public function after(self $doubt): self
    {
        return new self(self::UNCERTAIN, "$doubt->what, then $this->what", $this->code, $this->retryAfter, $this);
    }

    /** @internal What an HTTP status means for a notification that was posted. */
    public static function ofStatus(int $status, string $what, ?int $retryAfter): self
    {
        $isLater = in_array($status, [408, 429, 503], true);
        // 503 is the broker's own word; others above come from what stands before it, which may have passed it on.
        $outcome = $isLater ? self::NOT_SENT : ($status < 300 || $status >= 500 ? self::UNCERTAIN : self::REFUSED);
        return new self($outcome, $what, $status, $retryAfter);
    }

    /**
     * @internal What has become of a request without an answer: it may have arrived as soon as some of it has left.
     *
     * @param resource|\CurlHandle $curl
     * @param float                $openSeconds how long connecting could take
     */
    public static function ofCurl($curl, string $url, float $openSeconds): self
    {
        $because = curl_error($curl);
        if (curl_getinfo($curl, CURLINFO_REQUEST_SIZE) > 0) {
            return new self(self::UNCERTAIN, "no answer from $url: $because");
        }
        switch (curl_errno($curl)) {
            case 60: // CURLE_PEER_FAILED_VERIFICATION
                // A name is the one thing that is told by the text alone.
                $why = preg_match('/subject|hostname|match/i', $because) === 1 ? self::OTHER_NAME : self::UNTRUSTED;
                break;
            case CURLE_SSL_CONNECT_ERROR:
                $why = self::NO_TLS . " ($because)";
                break;
            case CURLE_OPERATION_TIMEOUTED:
                $why = sprintf('no connection within %.3g s', $openSeconds);
                break;
            default:
                $why = "$because; is the broker running there?";
        }
        return new self(self::NOT_SENT, "cannot connect to $url: $why");
    }

    /** @internal What a close code means for a notification that was sent whole. */
    public static function ofClose(int $code, string $what, ?int $retryAfter): self
    {
        $isLater = in_array($code, [1013, 4429], true);
        $isRefused = in_array($code, [1002, 1003, 1007, 1008, 1009, 1010], true) || ($code >= 4400 && $code < 4500 && $code !== 4408);
        return new self($isLater ? self::NOT_SENT : ($isRefused ? self::REFUSED : self::UNCERTAIN), $what, $code, $retryAfter);
    }

    /** What others have sent, fit for a log and a terminal. */
    private static function printable(string $text): string
    {
        return preg_replace('/\p{C}+/u', ' ', $text) ?? preg_replace('/[^\x20-\x7E]+/', '?', $text);
    }
}
