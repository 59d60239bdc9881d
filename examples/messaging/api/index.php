<?php

declare(strict_types=1);

/**
 * Every request: the API, and the few files of the page. `php -S 127.0.0.1:8080 api/index.php` runs it, with the environment of
 * load.php.
 */

namespace Messaging;

use Throwable;

require __DIR__ . '/load.php';

const FILES = [
    '/' => ['index.html', 'text/html; charset=utf-8'],
    '/main.js' => ['main.js', 'text/javascript; charset=utf-8'],
    '/main.css' => ['main.css', 'text/css; charset=utf-8'],
];

/** By which name a browser may ask for this: a site that has its own name lead here would read it all (DNS rebinding). */
const HOST = '/^(127\.0\.0\.1|localhost)(:[0-9]{1,5})?$/Di';

$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
header('X-Content-Type-Options: nosniff');
header('Cache-Control: no-cache');

try {
    if (preg_match(HOST, $_SERVER['HTTP_HOST'] ?? '') !== 1) {
        throw new Problem(421, 'expected 127.0.0.1 or localhost as the host');
    }
    $settings = settings();
    if (isset(FILES[$path])) {
        [$file, $type] = FILES[$path];
        // Nothing is loaded or run but what is here, whatever a message says.
        header("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {$settings['pageBroker']}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        header("Content-Type: $type");
        readfile("{$settings['page']}/$file");
        return;
    }
    [$messages, $outbox] = open($settings);
    [$status, $answer] = (new Api($messages, $outbox, $settings['pageBroker']))->answer($_SERVER['REQUEST_METHOD'], $path);
} catch (Problem $problem) {
    [$status, $answer] = [$problem->getCode(), $problem->toArray()];
} catch (Throwable $error) {
    error_log((string) $error);
    [$status, $answer] = [500, ['status' => 500, 'detail' => 'something is wrong here; the log of the server says what']];
}
http_response_code($status);
header('Content-Type: application/' . ($status < 400 ? '' : 'problem+') . 'json');
echo json_encode($answer, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
