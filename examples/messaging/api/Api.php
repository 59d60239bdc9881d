<?php

declare(strict_types=1);

namespace Messaging;

/**
 * The REST API: GET /api/settings, GET /api/channels, GET /api/channels/{id}/messages?after=, POST /api/messages.
 *
 * Everybody may read and write: see README.md for what to change before strangers come.
 */
final class Api
{
    private Messages $messages;
    private Outbox $outbox;
    private string $brokerUrl;

    /** @param string $brokerUrl where pages find the broker */
    public function __construct(Messages $messages, Outbox $outbox, string $brokerUrl)
    {
        $this->messages = $messages;
        $this->outbox = $outbox;
        $this->brokerUrl = $brokerUrl;
    }

    /**
     * @return array{int, array} the status and the body
     * @throws Problem
     */
    public function answer(string $method, string $path): array
    {
        if ($path === '/api/messages') {
            $this->allow('POST', $method);
            return $this->send(NewMessage::ofRequest());
        }
        $this->allow('GET', $method);
        if ($path === '/api/settings') {
            return [200, ['brokerUrl' => $this->brokerUrl]];
        }
        if ($path === '/api/channels') {
            return [200, ['channels' => $this->messages->channels()]];
        }
        if (preg_match('{^/api/channels/([1-9][0-9]{0,9})/messages$}D', $path, $found) === 1) {
            return $this->read($found[1], $_GET['after'] ?? null);
        }
        throw new Problem(404, 'there is nothing here');
    }

    private function allow(string $expected, string $method): void
    {
        if ($method !== $expected) {
            header("Allow: $expected");
            throw new Problem(405, "expected $expected");
        }
    }

    /** @param mixed $after */
    private function read(string $channelId, $after): array
    {
        if ($after !== null && (!is_string($after) || preg_match('/^[0-9]{1,15}$/D', $after) !== 1)) {
            throw new Problem(422, 'expected the number of a message in ?after=');
        }
        $this->requireChannel($channelId);
        $messages = $this->messages->ofChannel($channelId, $after === null ? null : (int) $after);
        return [200, ['messages' => $messages, 'isMore' => $after !== null && count($messages) === Messages::PAGE]];
    }

    /** Stores first, then tells the broker: nobody hears of what is not there. */
    private function send(NewMessage $new): array
    {
        $this->requireChannel($new->channelId);
        $stored = $this->messages->store($new->channelId, $new->author, $new->text, $new->clientId);
        if ($stored !== null) {
            return [201, ['message' => $stored, 'isPublished' => $this->outbox->publish($stored)]];
        }
        $earlier = $this->messages->findSent($new->clientId);
        if ([$earlier['channelId'], $earlier['author'], $earlier['text']] !== [$new->channelId, $new->author, $new->text]) {
            throw new Problem(409, 'another message was sent under this clientId: take a new one', '/clientId');
        }
        return [200, ['message' => $earlier, 'isPublished' => !$this->outbox->has($earlier)]];
    }

    private function requireChannel(string $channelId): void
    {
        if (!$this->messages->hasChannel($channelId)) {
            throw new Problem(404, "there is no channel $channelId");
        }
    }
}
