<?php

declare(strict_types=1);

/**
 * The notification server that wsn takes the place of, written again from its description: one process, RFC 6455 by hand,
 * a loop around stream_select with a timeout of 200 ms, every client looked at for every notification.
 *
 *     php websocket_server.php [PORT]
 *
 * The source of the original was not at hand. Where the description is silent this does what such a script usually does, and
 * DIVERGENCES.md says where that differs from wsn. It is a peer for tests: it has to survive whatever the scenarios send, so
 * what it keeps is bounded. PHP 7.4 to 8.3, no extension beyond the defaults.
 */

require __DIR__ . '/client.php';
require __DIR__ . '/matching.php';

final class WebSocketServer
{
    private const TURN_MICROSECONDS = 200000;
    private const PING_SECONDS = 25;
    private const MAX_CLIENTS = 1000; // stream_select takes file descriptors below 1024

    /** @var resource */
    private $listener;
    /** @var array<int, Client> by the number of their socket */
    private array $clients = [];
    private float $nextPing;

    /** @param resource $listener */
    public function __construct($listener)
    {
        stream_set_blocking($listener, false);
        $this->listener = $listener;
        $this->nextPing = microtime(true) + self::PING_SECONDS;
    }

    public function run(): void
    {
        while (true) {
            $read = [$this->listener];
            $write = [];
            foreach ($this->clients as $id => $client) {
                if ($client->isGone()) {
                    unset($this->clients[$id]);
                    continue;
                }
                $read[] = $client->socket;
                if ($client->hasUnsent()) {
                    $write[] = $client->socket;
                }
            }
            $except = null;
            if (@stream_select($read, $write, $except, 0, self::TURN_MICROSECONDS) > 0) {
                $this->turn($read, $write);
            }
            $this->heartbeat();
        }
    }

    /**
     * @param resource[] $read  there is something to read
     * @param resource[] $write there is room to write
     */
    private function turn(array $read, array $write): void
    {
        foreach ($write as $socket) {
            $this->clients[(int) $socket]->flush();
        }
        foreach ($read as $socket) {
            if ($socket === $this->listener) {
                $this->accept();
                continue;
            }
            $client = $this->clients[(int) $socket];
            if (!$client->isGone()) {
                $client->receive(function (string $text) use ($client): void {
                    $this->takeMessage($client, $text);
                });
            }
        }
    }

    private function accept(): void
    {
        $socket = @stream_socket_accept($this->listener, 0);
        if ($socket === false) {
            return;
        }
        if (count($this->clients) >= self::MAX_CLIENTS) {
            fclose($socket);
            return;
        }
        $this->clients[(int) $socket] = new Client($socket);
    }

    /** Subscribes or publishes; any other message is ignored. */
    private function takeMessage(Client $client, string $text): void
    {
        $message = json_decode($text, true);
        $sender = is_array($message) ? $message['sender'] ?? null : null;
        if ($sender === 'client') {
            $subscriptions = $message['subscriptions'] ?? null;
            if (is_array($subscriptions) && count(array_filter($subscriptions, 'hasTopic')) === count($subscriptions)) {
                $client->subscriptions = $subscriptions;
            }
        } elseif ($sender === 'server') {
            $notification = $message['notification'] ?? null;
            if (hasTopic($notification) && is_array($notification['filters'] ?? [])) {
                $this->publish($client, $notification);
            }
        }
    }

    /** Sends a notification to whoever wants it, then closes its publisher, without a code. */
    private function publish(Client $publisher, array $notification): void
    {
        $json = json_encode(['sender' => 'server', 'notification' => $notification]);
        if ($json === false) {
            return;
        }
        foreach ($this->clients as $client) {
            if (isSubscribed($client, $notification)) {
                $client->sendText($json);
            }
        }
        $publisher->close();
    }

    private function heartbeat(): void
    {
        if (microtime(true) < $this->nextPing) {
            return;
        }
        $this->nextPing = microtime(true) + self::PING_SECONDS;
        foreach ($this->clients as $client) {
            if (!$client->isAlive) {
                $client->drop();
            }
            $client->isAlive = false;
            $client->ping();
        }
    }
}

ini_set('memory_limit', '1G');
$port = $argv[1] ?? '8000';
$context = stream_context_create(['socket' => ['backlog' => 511, 'tcp_nodelay' => true]]);
$flags = STREAM_SERVER_BIND | STREAM_SERVER_LISTEN;
$listener = @stream_socket_server("tcp://0.0.0.0:$port", $errno, $error, $flags, $context);
if ($listener === false) {
    fwrite(STDERR, "cannot listen on 0.0.0.0:$port: $error\n");
    exit(1);
}
echo "listening on 0.0.0.0:$port\n";
(new WebSocketServer($listener))->run();
