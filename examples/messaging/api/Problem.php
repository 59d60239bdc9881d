<?php

declare(strict_types=1);

namespace Messaging;

use RuntimeException;

/** Why a request is not done; its code is the HTTP status. */
final class Problem extends RuntimeException
{
    /** Names the member at fault, as a JSON pointer. */
    public ?string $pointer;

    public function __construct(int $status, string $detail, ?string $pointer = null)
    {
        parent::__construct($detail, $status);
        $this->pointer = $pointer;
    }

    /** The body of the answer (RFC 9457). */
    public function toArray(): array
    {
        $problem = ['status' => $this->getCode(), 'detail' => $this->getMessage()];
        return $this->pointer === null ? $problem : $problem + ['pointer' => $this->pointer];
    }
}
