<?php

declare(strict_types=1);

/**
 * The classes, and what both a request and the worker begin with. MESSAGING_SETTINGS names a JSON file that says where things are:
 *
 *     database    the SQLite file
 *     broker      where this machine reaches the broker: http://127.0.0.1:8000
 *     pageBroker  where browsers reach it: ws://127.0.0.1:8000
 *     page        the folder with the page as it was built
 */

namespace Messaging;

use Wsn\Notifier;

// In an app of its own, the files of Notifier lie beside these.
require __DIR__ . '/../../php/Notifier.php';
foreach (['Database', 'Messages', 'Outbox', 'NewMessage', 'Problem', 'Api'] as $class) {
    require __DIR__ . "/$class.php";
}

/**
 * @return array{database: string, broker: string, pageBroker: string, page: string}
 * @throws Problem while they are not there yet
 */
function settings(): array
{
    $file = (string) getenv('MESSAGING_SETTINGS');
    $settings = is_file($file) ? json_decode((string) file_get_contents($file), true) : null;
    if (!is_array($settings)) {
        throw new Problem(503, 'this has not started yet: expected settings in the file that MESSAGING_SETTINGS names');
    }
    return $settings;
}

/** @return array{Messages, Outbox} */
function open(array $settings): array
{
    $database = Database::open($settings['database']);
    // Somebody waits while a message is sent: better late, from the worker, than a request that hangs.
    $notifier = new Notifier($settings['broker'], ['timeout' => 1, 'retries' => 0]);
    $messages = new Messages($database);
    return [$messages, new Outbox($database, $messages, $notifier)];
}
