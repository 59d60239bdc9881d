<?php

declare(strict_types=1);

/**
 * The classes, and what both a request and the worker begin with. The environment says where things are:
 *
 *     MESSAGING_DATABASE   the SQLite file
 *     MESSAGING_BROKER     where this machine reaches the broker: http://127.0.0.1:8000
 */

namespace Messaging;

use Wsn\Notifier;

// In an app of its own, the files of Notifier lie beside these.
require __DIR__ . '/../../php/Notifier.php';
foreach (['Database', 'Messages', 'Outbox', 'NewMessage', 'Problem', 'Api'] as $class) {
    require __DIR__ . "/$class.php";
}

/** @return array{Messages, Outbox} */
function open(): array
{
    $database = Database::open((string) getenv('MESSAGING_DATABASE'));
    // Somebody waits while a message is sent: better late, from the worker, than a request that hangs.
    $notifier = new Notifier((string) getenv('MESSAGING_BROKER'), ['timeout' => 1, 'retries' => 0]);
    $messages = new Messages($database);
    return [$messages, new Outbox($database, $messages, $notifier)];
}
