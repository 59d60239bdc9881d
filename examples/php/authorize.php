<?php

declare(strict_types=1);

/**
 * Tells a wsn broker who brings a token, and what that peer may hear and say:
 *
 *     wsn serve --authorize-url http://127.0.0.1:8080/authorize.php
 *
 * For every token the broker posts {"token":"…","subject":"…" or null,"address":"…","origin":"…" or null}. Answer
 *
 *     200 {"subject":"5","wsn":{"subscribe":[…],"publish":[…]}}  let in, with these grants; `expiresAt`, in ms since 1970, ends it
 *     401                                                        nobody knows this token
 *     403                                                        known, but not let in
 *
 * Anything else, or nothing in time, lets nobody in. The broker remembers an answer for half a minute, and asks nothing
 * about what a peer does later. Whoever can reach this script can try tokens with it: let only the broker reach it.
 *
 * Try it: php -S 127.0.0.1:8080 -t examples/php
 */

/** Whose token this is, or null. Put your own here: a look-up in the table of sessions, with a hash of the token. */
function user_of_token(string $token): ?array
{
    $sessions = [
        'anna-0123456789' => ['id' => 5, 'channels' => ['2', '3'], 'isBlocked' => false],
        'bert-0123456789' => ['id' => 6, 'channels' => [], 'isBlocked' => true],
    ];
    return $sessions[$token] ?? null;
}

/** Hears what goes to the user's own channels, and says nothing; without a channel there is nothing to hear. */
function grants_of(array $user): array
{
    $filters = ['values' => ['channel' => $user['channels']]];
    $grant = ['package' => 'amaiia_msg_srv', 'page' => '*', 'filters' => $filters];
    return ['subscribe' => $user['channels'] === [] ? [] : [$grant], 'publish' => []];
}

$question = json_decode((string) file_get_contents('php://input'), true);
$token = is_array($question) ? $question['token'] ?? null : null;
if (!is_string($token)) {
    http_response_code(400);
    exit;
}
$user = user_of_token($token);
if ($user === null || $user['isBlocked']) {
    http_response_code($user === null ? 401 : 403);
    exit;
}
header('Content-Type: application/json');
// Twelve hours: then the broker closes the connection, and the app comes back with a new token.
$expiresAt = (time() + 12 * 3600) * 1000;
// The subject is a string, also where your users have numbers.
echo json_encode(['subject' => (string) $user['id'], 'expiresAt' => $expiresAt, 'wsn' => grants_of($user)]);
