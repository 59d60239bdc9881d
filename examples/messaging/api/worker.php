<?php

declare(strict_types=1);

/**
 * Tells the broker of what requests could not tell it of, twice a second, for as long as it runs: `php api/worker.php`, with
 * the environment of load.php.
 */

namespace Messaging;

use PDOException;

require __DIR__ . '/load.php';

[, $outbox] = open(settings());
echo "ready\n";
while (true) {
    try {
        $taken = $outbox->drain();
        if ($taken > 0) {
            error_log("published $taken that had waited for the broker");
        }
    } catch (PDOException $error) {
        // Somebody else has the database for longer than one waits for it: what is in the table stays there.
        error_log("cannot look now for what waits: {$error->getMessage()}");
    }
    usleep(500000);
}
