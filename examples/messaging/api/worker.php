<?php

declare(strict_types=1);

/**
 * Tells the broker of what requests could not tell it of, twice a second, for as long as it runs: `php api/worker.php`, with
 * the environment of load.php.
 */

namespace Messaging;

require __DIR__ . '/load.php';

[, $outbox] = open();
echo "ready\n";
while (true) {
    $taken = $outbox->drain();
    if ($taken > 0) {
        error_log("published $taken that had waited for the broker");
    }
    usleep(500000);
}
