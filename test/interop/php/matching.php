<?php

declare(strict_types=1);

/** Whether a value is a subscription or a notification: `package`, `page`, and `filters` if there are any. */
function hasTopic($value): bool
{
    return is_array($value) && is_string($value['package'] ?? null) && is_string($value['page'] ?? null)
        && (is_array($value['filters'] ?? []) || $value['filters'] === true);
}

/** Looks at one subscription of a client after the other. */
function isSubscribed(Client $client, array $notification): bool
{
    foreach ($client->subscriptions as $subscription) {
        if ($subscription['package'] === $notification['package'] && $subscription['page'] === $notification['page']
            && hasAll(filtersOf($subscription), filtersOf($notification))) {
            return true;
        }
    }
    return false;
}

function filtersOf(array $value): array
{
    return is_array($value['filters'] ?? null) ? $value['filters'] : [];
}

/** Whether each name that is wanted is given, with a value that is accepted. */
function hasAll(array $wanted, array $given): bool
{
    foreach ($wanted as $name => $value) {
        if (!array_key_exists($name, $given) || !accepts($value, $given[$name])) {
            return false;
        }
    }
    return true;
}

/** The table of matching; `{}` and `[]` are the same here, and so are a list and an object with the names 0, 1, 2 … */
function accepts($wanted, $given): bool
{
    if ($wanted === true || $wanted === []) {
        return true;
    }
    if (isList($given)) {
        return acceptsAny([$wanted], $given);
    }
    if (is_array($given)) {
        return is_array($wanted) && !isList($wanted) && hasAll($wanted, $given);
    }
    if (isList($wanted)) {
        return in_array($given, $wanted);
    }
    return is_array($wanted) ? acceptsAny($wanted, [$given]) : $wanted == $given;
}

function acceptsAny(array $wanted, array $given): bool
{
    foreach ($wanted as $one) {
        foreach ($given as $other) {
            if (accepts($one, $other)) {
                return true;
            }
        }
    }
    return false;
}

function isList($value): bool
{
    return is_array($value) && array_values($value) === $value;
}
