<?php

declare(strict_types=1);

namespace Messaging;

use PDO;
use Wsn\Notifier;
use Wsn\NotifierException;

/**
 * Tells the broker of what is stored. What it could not be told of stays in a table, and the worker tries again. Each message
 * is published under a key of its own, so within two minutes (R-5.8) the broker passes it on once, also where two try at the same
 * time or an answer is lost. Later it may come twice, and the page tells by its number that it has it.
 */
final class Outbox
{
    /** Statuses that say that the message itself is at fault. With another one it waits until a key, an address or a proxy is put right. */
    private const FOR_GOOD = [400, 413, 422];

    private PDO $database;
    private Messages $messages;
    private Notifier $notifier;

    public function __construct(PDO $database, Messages $messages, Notifier $notifier)
    {
        $this->database = $database;
        $this->messages = $messages;
        $this->notifier = $notifier;
    }

    /**
     * Tells the broker of one message.
     *
     * @return bool false: not now, and the worker will; or the broker refuses it, and the log says why
     */
    public function publish(array $message): bool
    {
        try {
            $this->notify($message);
        } catch (NotifierException $error) {
            error_log("message {$message['messageId']} is stored and not published: {$error->getMessage()}");
            return false;
        }
        return true;
    }

    /**
     * Publishes what waits, oldest first, until the broker takes nothing more.
     *
     * @return int how many it has taken
     */
    public function drain(): int
    {
        $taken = 0;
        $waiting = $this->database->prepare(
            'SELECT message_id FROM outbox WHERE refusal IS NULL AND due <= CAST(? AS REAL) ORDER BY message_id'
        );
        $waiting->execute([microtime(true)]);
        foreach ($waiting->fetchAll(PDO::FETCH_COLUMN) as $messageId) {
            try {
                $this->notify($this->messages->find((string) $messageId));
                $taken++;
            } catch (NotifierException $error) {
                // Who sent the message has logged why.
                if (!self::isForGood($error)) {
                    break;
                }
            }
        }
        return $taken;
    }

    public function has(array $message): bool
    {
        $query = $this->database->prepare('SELECT 1 FROM outbox WHERE message_id = ?');
        $query->execute([$message['messageId']]);
        return $query->fetch() !== false;
    }

    /** @throws NotifierException */
    private function notify(array $message): void
    {
        $notification = [
            'package' => 'amaiia_msg_srv',
            'page' => 'messages',
            'filters' => ['values' => $message['channelId']],
            'data' => $message,
            'message' => 'New message',
        ];
        try {
            // The moment is in it because a database that is made anew counts from 1 again.
            $this->notifier->notify($notification, "message {$message['messageId']} of {$message['at']}");
        } catch (NotifierException $error) {
            if (self::isForGood($error)) {
                $refuse = $this->database->prepare('UPDATE outbox SET refusal = ? WHERE message_id = ?');
                $refuse->execute([$error->getMessage(), $message['messageId']]);
            }
            throw $error;
        }
        $this->database->prepare('DELETE FROM outbox WHERE message_id = ?')->execute([$message['messageId']]);
    }

    private static function isForGood(NotifierException $error): bool
    {
        return $error->outcome() === NotifierException::REFUSED && in_array($error->getCode(), self::FOR_GOOD, true);
    }
}
