<?php

declare(strict_types=1);

/**
 * A token (JWT, HS256) for an app that connects to a wsn broker: who it is, what it may hear and say, and until when.
 *
 * @param array $grants ['subscribe' => [grant…], 'publish' => [grant…]]; a list that is absent grants nothing
 * @param string $secret what `wsn serve --auth-secret-file` reads, without its line end; at least 32 bytes
 */
function wsn_token(string $subject, array $grants, string $secret, int $seconds = 900): string
{
    if (strlen($secret) < 32) {
        throw new InvalidArgumentException('the secret of HS256 has at least 32 bytes');
    }
    $encode = static fn (string $bytes): string => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    $claims = ['sub' => $subject, 'iat' => time(), 'exp' => time() + $seconds, 'wsn' => (object) $grants];
    $body = $encode('{"alg":"HS256","typ":"JWT"}') . '.' . $encode(json_encode($claims, JSON_THROW_ON_ERROR));
    return $body . '.' . $encode(hash_hmac('sha256', $body, $secret, true));
}

// php token.php SECRET-FILE SUBJECT CHANNEL…: a token that hears what concerns these channels.
if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    if ($argc < 4 || !is_readable($argv[1])) {
        fwrite(STDERR, "Usage: php token.php SECRET-FILE SUBJECT CHANNEL…\n");
        exit(2);
    }
    $secret = preg_replace('/\r?\n\z/', '', (string) file_get_contents($argv[1]));
    $filters = ['values' => ['channel' => array_slice($argv, 3)]];
    $grant = ['package' => 'amaiia_msg_srv', 'page' => '*', 'filters' => $filters];
    echo wsn_token($argv[2], ['subscribe' => [$grant]], $secret), "\n";
}
