<?php

declare(strict_types=1);

namespace Messaging;

use PDO;
use Throwable;

/** What is stored. A message is as its schema says: schemas/amaiia_msg_srv/messages.json. */
final class Messages
{
    /** Most messages of one answer. */
    public const PAGE = 100;
    /** How long, in s, the worker leaves it to the request to tell the broker. */
    private const LEFT_TO_REQUEST = 1.5;

    private PDO $database;

    public function __construct(PDO $database)
    {
        $this->database = $database;
    }

    /** @return array<array{channelId: string, name: string}> */
    public function channels(): array
    {
        return $this->database->query('SELECT CAST(id AS TEXT) AS channelId, name FROM channels ORDER BY id')->fetchAll();
    }

    public function hasChannel(string $channelId): bool
    {
        $query = $this->database->prepare('SELECT 1 FROM channels WHERE id = ?');
        $query->execute([$channelId]);
        return $query->fetch() !== false;
    }

    /** The messages of a channel behind `$after`, or its last ones; oldest first, at most PAGE. */
    public function ofChannel(string $channelId, ?int $after): array
    {
        $query = $after === null
            ? $this->select('WHERE channel_id = ? ORDER BY id DESC LIMIT ' . self::PAGE, [$channelId])
            : $this->select('WHERE channel_id = ? AND id > ? ORDER BY id LIMIT ' . self::PAGE, [$channelId, $after]);
        return $after === null ? array_reverse($query) : $query;
    }

    /** @return ?array the message with this number */
    public function find(string $messageId): ?array
    {
        return $this->select('WHERE id = ?', [$messageId])[0] ?? null;
    }

    /** @return ?array the message that a client has sent under this name of its own */
    public function findSent(string $clientId): ?array
    {
        return $this->select('WHERE client_id = ?', [$clientId])[0] ?? null;
    }

    /**
     * Stores a message, and in the same transaction that the broker has to be told of it: a crash loses both or neither.
     *
     * @return ?array the message, or null where the client has sent one under this name before
     */
    public function store(string $channelId, string $author, string $text, string $clientId): ?array
    {
        // IMMEDIATE: numbers are given in the order in which messages can be read, so nobody who reads on misses one.
        $this->database->exec('BEGIN IMMEDIATE');
        try {
            $insert = $this->database->prepare(
                'INSERT INTO messages (channel_id, author, text, at, client_id) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (client_id) DO NOTHING'
            );
            $insert->execute([$channelId, $author, $text, gmdate('Y-m-d\TH:i:s\Z'), $clientId]);
            $isNew = $insert->rowCount() === 1;
            $messageId = $this->database->lastInsertId();
            if ($isNew) {
                $this->database->prepare('INSERT INTO outbox (message_id, due) VALUES (?, ?)')
                    ->execute([$messageId, microtime(true) + self::LEFT_TO_REQUEST]);
            }
            $this->database->exec('COMMIT');
        } catch (Throwable $error) {
            $this->database->exec('ROLLBACK');
            throw $error;
        }
        return $isNew ? $this->find($messageId) : null;
    }

    private function select(string $which, array $values): array
    {
        $query = $this->database->prepare(
            'SELECT CAST(id AS TEXT) AS messageId, CAST(channel_id AS TEXT) AS channelId, author, text, at FROM messages ' . $which
        );
        $query->execute($values);
        return $query->fetchAll();
    }
}
