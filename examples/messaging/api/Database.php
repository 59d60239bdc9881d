<?php

declare(strict_types=1);

namespace Messaging;

use PDO;

/** The tables, in one SQLite file. */
final class Database
{
    private const TABLES = <<<'SQL'
        CREATE TABLE IF NOT EXISTS channels (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel_id INTEGER NOT NULL REFERENCES channels (id),
            author TEXT NOT NULL,
            text TEXT NOT NULL,
            at TEXT NOT NULL,
            client_id TEXT NOT NULL UNIQUE
        );
        CREATE INDEX IF NOT EXISTS messages_of_channel ON messages (channel_id, id);
        -- Messages that the broker has not been told of; a row goes when it has been.
        CREATE TABLE IF NOT EXISTS outbox (
            message_id INTEGER PRIMARY KEY REFERENCES messages (id),
            due REAL NOT NULL, -- when the worker may try, in s since 1970: until then the request that has stored it does
            refusal TEXT -- why the broker will not have it: no use in telling it again
        );
        INSERT OR IGNORE INTO channels VALUES (2, 'General'), (3, 'Workshop'), (5, 'Maintenance'), (7, 'Night shift');
        SQL;

    /** Opens the file, which is made where there is none. */
    public static function open(string $file): PDO
    {
        $database = new PDO("sqlite:$file", null, null, [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
        ]);
        // Requests and the worker write to one file: who comes second waits.
        $database->exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;');
        if ((int) $database->query('PRAGMA user_version')->fetchColumn() === 0) {
            $database->exec('BEGIN IMMEDIATE; ' . self::TABLES . ' PRAGMA user_version = 1; COMMIT;');
        }
        return $database;
    }
}
